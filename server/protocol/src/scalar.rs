//! Fields of fixed size: how each is laid out, and how flags say whether it is there.

use zerocopy::little_endian::{I64, U16, U32, U64, U128};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::fault::Fault;
use crate::layout::{FlagUse, Part};

/// A field of fixed size. What does not fit its bytes (a yes or no, whether an optional one is there) takes flags.
pub(crate) trait Scalar: Sized {
    /// The bytes.
    type Wire: FromBytes + IntoBytes + Immutable + KnownLayout + Unaligned + Copy;
    /// The flags it takes.
    const FLAGS: FlagUse;
    /// The pieces of its bytes.
    const PARTS: &'static [Part];

    fn put(&self, flags: &mut Flags) -> Self::Wire;

    fn take(wire: &Self::Wire, flags: &mut Flags) -> Result<Self, Fault>;
}

/// The flags of one header, given out one by one in the order of the fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Flags {
    bits: u8,
    next: u8,
}

impl Flags {
    #[inline]
    pub(crate) const fn of(bits: u8) -> Self {
        Self { bits, next: 1 }
    }

    #[inline]
    pub(crate) const fn bits(self) -> u8 {
        self.bits
    }

    #[inline]
    pub(crate) const fn put(&mut self, flag: bool) {
        if flag {
            self.bits |= self.next;
        }
        self.next = self.next.wrapping_shl(1);
    }

    #[inline]
    pub(crate) const fn take(&mut self) -> bool {
        let flag = self.bits & self.next != 0;
        self.bits &= !self.next;
        self.next = self.next.wrapping_shl(1);
        flag
    }

    /// That no flag is left which nobody took.
    #[inline]
    pub(crate) const fn end(self) -> Result<(), Fault> {
        if self.bits == 0 { Ok(()) } else { Err(Fault::FlagUnknown) }
    }
}

macro_rules! integers {
    ($($native:ident as $wire:ty = $name:literal,)+) => {
        $(impl Scalar for $native {
            type Wire = $wire;
            const FLAGS: FlagUse = FlagUse::Nothing;
            const PARTS: &'static [Part] = &[Part { name: "", type_name: $name, size: size_of::<$wire>(), doc: "" }];

            #[inline]
            fn put(&self, _: &mut Flags) -> $wire {
                (*self).into()
            }

            #[inline]
            fn take(wire: &$wire, _: &mut Flags) -> Result<Self, Fault> {
                Ok((*wire).into())
            }
        })+
    };
}

integers! {
    u8 as u8 = "u8",
    u16 as U16 = "u16",
    u32 as U32 = "u32",
    u64 as U64 = "u64",
    u128 as U128 = "u128",
    i64 as I64 = "i64",
}

/// No bytes, one flag.
impl Scalar for bool {
    type Wire = [u8; 0];
    const FLAGS: FlagUse = FlagUse::Value;
    const PARTS: &'static [Part] = &[];

    #[inline]
    fn put(&self, flags: &mut Flags) -> [u8; 0] {
        flags.put(*self);
        []
    }

    #[inline]
    fn take(_: &[u8; 0], flags: &mut Flags) -> Result<Self, Fault> {
        Ok(flags.take())
    }
}

/// One flag, then those of the value. When the value is absent its bytes and flags are zero.
impl<T: Scalar> Scalar for Option<T> {
    type Wire = T::Wire;
    const FLAGS: FlagUse = T::FLAGS.optional();
    const PARTS: &'static [Part] = T::PARTS;

    #[inline]
    fn put(&self, flags: &mut Flags) -> T::Wire {
        flags.put(self.is_some());
        match self {
            Some(value) => value.put(flags),
            None => {
                (0..T::FLAGS.count()).for_each(|_| flags.put(false));
                T::Wire::new_zeroed()
            }
        }
    }

    #[inline]
    fn take(wire: &T::Wire, flags: &mut Flags) -> Result<Self, Fault> {
        if flags.take() {
            return T::take(wire, flags).map(Some);
        }
        for _ in 0..T::FLAGS.count() {
            if flags.take() {
                return Err(Fault::FlagUnknown);
            }
        }
        all_zero(wire.as_bytes())?;
        Ok(None)
    }
}

/// No bytes at all.
impl Scalar for () {
    type Wire = [u8; 0];
    const FLAGS: FlagUse = FlagUse::Nothing;
    const PARTS: &'static [Part] = &[];

    #[inline]
    fn put(&self, _: &mut Flags) -> [u8; 0] {
        []
    }

    #[inline]
    fn take(_: &[u8; 0], _: &mut Flags) -> Result<Self, Fault> {
        Ok(())
    }
}

/// That reserved bytes are zero.
#[inline]
pub(crate) fn all_zero(bytes: &[u8]) -> Result<(), Fault> {
    if bytes.iter().all(|byte| *byte == 0) { Ok(()) } else { Err(Fault::ReservedNotZero) }
}

/// A yes or no where there is a byte for it: in an element of a list.
#[inline]
pub(crate) const fn yes_or_no(byte: u8) -> Result<bool, Fault> {
    match byte {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(Fault::CodeUnknown),
    }
}
