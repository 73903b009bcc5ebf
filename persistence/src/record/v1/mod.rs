//! Records of version 1: a struct for each command, and the two plain functions between it and the engine's.
//!
//! | file | commands |
//! |---|---|
//! | `genesis` | the genesis, which is no command |
//! | `schema`, `calendars`, `callers`, `accounts`, `sessions`, `listings`, `policies`, `profiles`, `quotas`, `quotes`, `calls`, `auctions`, `reports`, `delivery` | as in the engine |
//! | `deals` | what is agreed and set besides: windows, deals, further conjunctions, modifiers |
//! | `terms` | what several of them carry: pay terms, stamps, reports |
//! | `lists` | room for the lists, on the way out and on the way in |
//!
//! Nothing in here may change once a log has been written with it. A command that learns a field gets a struct of a
//! later version; an area's other structs may be used by both.

mod accounts;
mod auctions;
mod calendars;
mod callers;
mod calls;
mod deals;
mod delivery;
mod genesis;
mod listings;
mod lists;
mod policies;
mod profiles;
mod quotas;
mod quotes;
mod reports;
mod schema;
mod sessions;
mod terms;

use std::mem::MaybeUninit;

use dce_engine::commands::*;
use dce_runtime::CodecError;
use rkyv::api::low::{LowSerializer, LowValidator, access, to_bytes_in_with_alloc};
use rkyv::bytecheck::CheckBytes;
use rkyv::rancor::Failure;
use rkyv::ser::allocator::SubAllocator;
use rkyv::{Portable, Serialize};

use super::kind::Kind;

pub(super) use genesis::{read_genesis, write_genesis};
pub(super) use lists::{Lists, Packed};

/// The longest body: one of these two.
pub(super) const BODY_BYTES_MAX: usize = {
    let (profile, value_set) = (profiles::PROFILE_BYTES_MAX, schema::VALUE_SET_BYTES_MAX);
    if profile > value_set { profile } else { value_set }
};

/// A command, to the body of its record and back.
trait Body<'a>: Sized {
    /// Puts the body at the end of `record`.
    fn write(&self, record: &mut Vec<u8>, packed: &mut Packed);

    /// The command in `body`, or none where the bytes are not one.
    fn read(body: &'a [u8], lists: &'a mut Lists) -> Option<Self>;
}

macro_rules! table {
    ($($name:ident $(<$life:lifetime>)?),+ $(,)?) => {
        /// Puts the command's body at the end of `record`; says of which kind it is.
        pub(super) fn write(command: &Command<'_>, record: &mut Vec<u8>, packed: &mut Packed) -> Kind {
            match command {
                $(Command::$name(command) => {
                    command.write(record, packed);
                    Kind::$name
                })+
                _ => unreachable!("Invariant: the engine's own list of its commands leaves none out"),
            }
        }

        /// The command in a body of this kind.
        #[inline]
        pub(super) fn read<'a>(kind: Kind, body: &'a [u8], lists: &'a mut Lists) -> Result<Command<'a>, CodecError> {
            match kind {
                Kind::Genesis => Err(CodecError::Kind(kind.code())),
                $(Kind::$name => match $name::read(body, lists) {
                    Some(command) => Ok(Command::$name(command)),
                    None => Err(CodecError::Body(kind.code())),
                },)+
            }
        }
    };
}

dce_engine::each_command!(table);

/// What rkyv notes while it writes a list of enums: a byte for each element of the longest.
const NOTES_BYTES: usize = 256;

/// Puts the archive of `body` at the end of `record`.
fn put<B>(body: &B, record: &mut Vec<u8>)
where
    B: for<'r> Serialize<LowSerializer<&'r mut Vec<u8>, SubAllocator<'r>, Failure>>,
{
    let mut notes = [MaybeUninit::uninit(); NOTES_BYTES];
    to_bytes_in_with_alloc::<_, _, Failure>(body, record, SubAllocator::new(&mut notes))
        .expect("Invariant: a vector takes all bytes, and the notes have room");
}

/// The struct that a body without lists is.
#[inline]
fn whole<A>(body: &[u8]) -> Option<&A>
where
    A: Portable + for<'b> CheckBytes<LowValidator<'b, Failure>>,
{
    with_lists(body, |_| 0)
}

/// The struct at the end of a body, when before it lie just as many bytes as its lists have.
#[inline]
fn with_lists<A>(body: &[u8], listed: impl FnOnce(&A) -> usize) -> Option<&A>
where
    A: Portable + for<'b> CheckBytes<LowValidator<'b, Failure>>,
{
    let archived = access::<A, Failure>(body).ok()?;
    (body.len() - size_of::<A>() == listed(archived)).then_some(archived)
}
