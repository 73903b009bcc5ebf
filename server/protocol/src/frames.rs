//! From the list of a direction's frames: their structs, their layouts, and how each is written and read.

use crate::fault::Fault;
use crate::sink::Sink;

/// A frame of one type. `P` is what all frames of its kind begin with.
pub(crate) trait Frame<'a, P>: Sized {
    /// Writes it, and says how many bytes it took.
    fn write(&self, number: u64, prefix: P, sink: &mut impl Sink) -> usize;

    /// Reads it from a whole frame whose header has been checked and is of this type. The prefix goes to where it is
    /// wanted, so that the result is passed on as it is.
    fn read(frame: &'a [u8], prefix: &mut P) -> Result<(u64, Self), Fault>;
}

/// Each frame is declared once, and is written, read and documented from that:
///
/// ```text
/// Name<'a> = <type byte> <whether it has a number> {
///     field: type ["unit"],         // at a fixed place
///     ;
///     list: Kind[Element, MAX],     // counted, after the fixed fields
/// }
/// ```
macro_rules! frames {
    (
        $(#[$enum_meta:meta])*
        enum $enum:ident<'a>, prefix $prefix:ty $(, and $(#[doc = $extra_doc:literal])* $extra:ident($extra_type:ty))?;
        $(
            $(#[doc = $doc:literal])*
            $name:ident $(<$life:lifetime>)? = $code:literal $numbered:literal {
                $($(#[doc = $field_doc:literal])* $field:ident: $type:ty $([$unit:literal])?,)*
                $(; $($(#[doc = $list_doc:literal])* $list:ident: $kind:ident[$($argument:tt)*],)+)?
            }
        )+
    ) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq)]
            pub struct $name $(<$life>)? {
                $($(#[doc = $field_doc])* pub $field: $type,)*
                $($($(#[doc = $list_doc])* pub $list: $kind<'a, $($argument)*>,)+)?
            }

            const _: () = {
                use crate::layout::{FieldLayout, FrameLayout};
                use crate::scalar::{Flags, Scalar};

                #[derive(
                    Clone, Copy, zerocopy::FromBytes, zerocopy::IntoBytes, zerocopy::Immutable,
                    zerocopy::KnownLayout, zerocopy::Unaligned,
                )]
                #[repr(C)]
                struct Wire {
                    header: crate::header::Header,
                    prefix: <$prefix as Scalar>::Wire,
                    $($field: <$type as Scalar>::Wire,)*
                    $($($list: zerocopy::little_endian::U16,)+)?
                }

                const FLAGS: u8 = <$prefix as Scalar>::FLAGS.count() $(+ <$type as Scalar>::FLAGS.count())*;
                const SIZE_MAX: usize = size_of::<Wire>()
                    $($(+ <$kind<'static, $($argument)*> as crate::list::Tail<'static>>::MAX
                        * <$kind<'static, $($argument)*> as crate::list::Tail<'static>>::ELEMENT_BYTES)+)?;
                const { assert!(FLAGS <= 8, "the header has eight flags") };
                const { assert!(SIZE_MAX <= crate::FRAME_MAX, "the fullest frame is not above the limit") };

                impl<'a> crate::frames::Frame<'a, $prefix> for $name $(<$life>)? {
                    #[inline]
                    fn write(&self, number: u64, prefix: $prefix, sink: &mut impl crate::sink::Sink) -> usize {
                        let size = size_of::<Wire>() $($(+ crate::list::Tail::bytes(&self.$list).len())+)?;
                        let mut flags = Flags::of(0);
                        let wire = Wire {
                            prefix: prefix.put(&mut flags),
                            $($field: self.$field.put(&mut flags),)*
                            $($($list: crate::list::Tail::count(&self.$list).into(),)+)?
                            header: crate::header::Header::new(size, $code, flags.bits(), number),
                        };
                        sink.put(zerocopy::IntoBytes::as_bytes(&wire));
                        $($(sink.put(crate::list::Tail::bytes(&self.$list));)+)?
                        size
                    }

                    // Else the result is written and copied once more, which costs as much as the reading.
                    #[inline(always)]
                    fn read(frame: &'a [u8], prefix: &mut $prefix) -> Result<(u64, Self), crate::fault::Fault> {
                        let (wire, rest) = <Wire as zerocopy::FromBytes>::ref_from_prefix(frame)
                            .map_err(|_| crate::fault::Fault::BodyLengthMismatch)?;
                        let number = wire.header.number($numbered)?;
                        let mut flags = Flags::of(wire.header.flags);
                        *prefix = Scalar::take(&wire.prefix, &mut flags)?;
                        $(let $field = Scalar::take(&wire.$field, &mut flags)?;)*
                        flags.end()?;
                        $($(let ($list, rest) = crate::list::Tail::cut(rest, wire.$list.get())?;)+)?
                        if !rest.is_empty() {
                            return Err(crate::fault::Fault::BodyLengthMismatch);
                        }
                        Ok((number, Self { $($field,)* $($($list,)+)? }))
                    }
                }

                impl $(<$life>)? $name $(<$life>)? {
                    pub(crate) const LAYOUT: FrameLayout = FrameLayout {
                        name: stringify!($name),
                        code: $code,
                        numbered: $numbered,
                        docs: &[$($doc),*],
                        fields: &[
                            FieldLayout {
                                name: "",
                                offset: core::mem::offset_of!(Wire, prefix),
                                parts: <$prefix as Scalar>::PARTS,
                                flags: <$prefix as Scalar>::FLAGS,
                                unit: "",
                                docs: &[],
                            },
                            $(FieldLayout {
                                name: stringify!($field),
                                offset: core::mem::offset_of!(Wire, $field),
                                parts: <$type as Scalar>::PARTS,
                                flags: <$type as Scalar>::FLAGS,
                                unit: concat!($($unit)?),
                                docs: &[$($field_doc),*],
                            },)*
                        ],
                        lists: &[$($(crate::layout::ListLayout {
                            name: stringify!($list),
                            count_offset: core::mem::offset_of!(Wire, $list),
                            element: <$kind<'static, $($argument)*> as crate::list::Tail<'static>>::ELEMENT,
                            element_bytes: <$kind<'static, $($argument)*> as crate::list::Tail<'static>>::ELEMENT_BYTES,
                            max: <$kind<'static, $($argument)*> as crate::list::Tail<'static>>::MAX,
                            docs: &[$($list_doc),*],
                        },)+)?],
                        fixed_bytes: size_of::<Wire>(),
                    };
                }
            };

            impl<'a> From<$name $(<$life>)?> for $enum<'a> {
                #[inline]
                fn from(frame: $name $(<$life>)?) -> Self {
                    Self::$name(frame)
                }
            }
        )+

        $(#[$enum_meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        #[expect(missing_docs, reason = "each variant is documented at its struct")]
        pub enum $enum<'a> {
            $($name($name $(<$life>)?),)+
            $($(#[doc = $extra_doc])* $extra($extra_type),)?
        }

        impl<'a> $enum<'a> {
            /// The name of its type.
            #[must_use]
            pub const fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name),)+
                    $(Self::$extra(inner) => inner.event.name(),)?
                }
            }

            #[inline]
            fn write(&self, number: u64, prefix: $prefix, sink: &mut impl crate::sink::Sink) -> usize {
                use crate::frames::Frame;
                match self {
                    $(Self::$name(frame) => frame.write(number, prefix, sink),)+
                    $(Self::$extra(inner) => inner.write(number, prefix, sink),)?
                }
            }

            #[inline]
            fn read(frame: &'a [u8], prefix: &mut $prefix) -> Result<(u64, Self), crate::fault::Fault> {
                use crate::frames::Frame;
                match crate::header::Header::of(frame)?.code {
                    $($code => $name::read(frame, prefix).map(|(number, body)| (number, Self::$name(body))),)+
                    $(crate::event::FIRST_TYPE.. => <$extra_type as Frame<'a, $prefix>>::read(frame, prefix)
                        .map(|(number, inner)| (number, Self::$extra(inner))),)?
                    _ => Err(crate::fault::Fault::TypeUnknown),
                }
            }
        }

        pub(crate) const LAYOUTS: &[crate::layout::FrameLayout] = &[$($name::LAYOUT),+];
    };
}

pub(crate) use frames;
