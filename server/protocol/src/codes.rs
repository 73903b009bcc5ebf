//! Closed lists of one byte: roles, legs, states.

use crate::fault::Fault;
use crate::layout::{CodeList, CodeValue, FlagUse, Part};
use crate::scalar::{Flags, Scalar};

macro_rules! codes {
    ($($(#[doc = $doc:literal])* enum $name:ident {
        $($(#[doc = $value_doc:literal])* $value:ident = $code:literal,)+
    })+) => {
        $(
            $(#[doc = $doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            #[repr(u8)]
            pub enum $name {
                $($(#[doc = $value_doc])* $value = $code,)+
            }

            impl $name {
                /// Every one, in order of code.
                pub const ALL: &'static [Self] = &[$(Self::$value,)+];

                /// The code, as it stands on the wire.
                #[must_use]
                pub const fn code(self) -> u8 {
                    self as u8
                }

                /// The one with this code.
                #[must_use]
                #[inline]
                pub const fn from_code(code: u8) -> Option<Self> {
                    match code {
                        $($code => Some(Self::$value),)+
                        _ => None,
                    }
                }
            }

            impl Scalar for $name {
                type Wire = u8;
                const FLAGS: FlagUse = FlagUse::Nothing;
                const PARTS: &'static [Part] =
                    &[Part { name: "", type_name: concat!("u8 ", stringify!($name)), size: 1, doc: "" }];

                #[inline]
                fn put(&self, _: &mut Flags) -> u8 {
                    self.code()
                }

                #[inline]
                fn take(wire: &u8, _: &mut Flags) -> Result<Self, Fault> {
                    Self::from_code(*wire).ok_or(Fault::CodeUnknown)
                }
            }
        )+

        /// Every list, for the documentation.
        pub(crate) const CODE_LISTS: &[CodeList] = &[$(CodeList {
            name: stringify!($name),
            docs: &[$($doc),*],
            values: &[$(CodeValue { code: $code, name: stringify!($value), docs: &[$($value_doc),*] }),+],
        }),+];
    };
}

codes! {
    /// What an account is for.
    enum Role {
        /// Buys calls.
        Buyer = 0,
        /// Sells calls.
        Seller = 1,
        /// The exchange itself: account 0.
        Platform = 2,
        /// The outside: account 2¹²⁸ - 1.
        World = 3,
    }

    /// What a rule of a quota counts. All of it is counted with the win.
    enum Counts {
        /// Calls being delivered or talking now.
        Live = 0,
        /// Calls won, answered or not.
        Attempts = 1,
        /// Calls won, but for those that nobody answered.
        Connections = 2,
        /// Calls won, but for those whose price was not earned.
        Conversions = 3,
        /// The prices of calls won, but for those that were not earned.
        Money = 4,
    }

    /// How long a count runs before it begins anew.
    enum Per {
        /// An hour of the clock.
        Hour = 0,
        /// A day.
        Day = 1,
        /// A month of the calendar.
        Month = 2,
        /// It never does.
        Ever = 3,
    }

    /// How a rule's money is spread over time.
    enum Pace {
        /// It is spent as calls come.
        Free = 0,
        /// Evenly over the open hours of the day or the month.
        Even = 1,
        /// Evenly over the open hours through a day.
        Through = 2,
    }

    /// What a key may do.
    enum KeyRole {
        /// Acts for its own account as a buyer.
        Buyer = 0,
        /// Acts for its own account as a seller.
        Seller = 1,
        /// Sets the market up, and may act for any account.
        Operator = 2,
        /// Does what an operator does, and says who may do what.
        Admin = 3,
        /// Reads everything and changes nothing.
        Auditor = 4,
        /// Offers calls and reports on them for every seller.
        Service = 5,
    }

    /// How the caller came to be on the line.
    enum Leg {
        /// The consumer dialled.
        ConsumerInbound = 0,
        /// A call centre dialled the consumer and transfers.
        OutboundTransfer = 1,
        /// The consumer asked to be called back.
        Callback = 2,
    }

    /// What makes a caller one who has called before.
    enum DuplicateOn {
        /// A call came in: put up for sale under the listing; sold to the profile or the buyer, answered or not.
        Incoming = 0,
        /// A call was answered.
        Connect = 1,
        /// A call earned its revenue.
        Convert = 2,
    }

    /// What a rule makes of callers without an identity.
    enum AnonymousCallers {
        /// All of them are one caller.
        OneCaller = 0,
        /// Each is somebody new.
        Distinct = 1,
        /// The rule lets none of them pass.
        Refused = 2,
    }

    /// What the winner pays.
    enum Pricing {
        /// Its own bid.
        FirstPrice = 0,
        /// The best other bid of its tier plus the increment, at least the floor, at most its own bid.
        SecondPrice = 1,
    }

    /// What a private deal says of the price.
    enum Deal {
        /// There is none.
        None = 0,
        /// The reserve holds: the deal lets the buyer in where the listing is private.
        Reserve = 1,
        /// No less than the amount, whatever the reserve.
        Floor = 2,
        /// The amount: bid at least as much, and pay no more.
        Fixed = 3,
    }

    /// What a clock of a call counts from.
    enum ClockStart {
        /// The caller reached the seller's switch.
        Incoming = 0,
        /// The winning leg was dialled.
        Dial = 1,
        /// The buyer's side picked up.
        Connect = 2,
    }

    /// How far a call has come.
    enum CallState {
        /// Known, not for sale yet.
        Registered = 0,
        /// Taking live bids.
        Auction = 1,
        /// Sold; a destination is being dialled.
        Dialed = 2,
        /// Sold; a destination rings.
        Ringing = 3,
        /// Caller and buyer are talking.
        Answered = 4,
        /// Over: sold, unsold or canceled; the reason says.
        Closed = 5,
        /// Quoted; its caller has not arrived.
        Quoted = 6,
    }

    /// Which money moves.
    enum PostingKind {
        /// The buyer pays the platform.
        Revenue = 0,
        /// The platform pays the seller.
        Payout = 1,
    }

    /// How a candidate stands in a decision.
    enum Standing {
        /// The call is its.
        Won = 0,
        /// It may win: the call is not decided yet.
        Eligible = 1,
        /// It did not win, or cannot; the reason says why.
        Lost = 2,
    }

    /// What the distance of a lost candidate counts: how far it was from passing the rule that stopped it.
    enum Measure {
        /// Nothing: the rule knows only yes and no.
        None = 0,
        /// Micro-units of money that were missing.
        Money = 1,
        /// How far the call's number lies below (negative) or above what is wanted, in the attribute's scaled units.
        Number = 2,
        /// Metres by which the radius falls short.
        Metres = 3,
        /// Calls taken, of the most there may be.
        Calls = 4,
        /// The moment from which on it passes, in microseconds since 1970.
        Until = 5,
        /// Tiers the winner is better.
        Tiers = 6,
        /// Levels of a skill that are missing.
        Levels = 7,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_and_the_next_one_is_refused() {
        for role in Role::ALL {
            assert_eq!(Role::from_code(role.code()), Some(*role));
        }
        for list in CODE_LISTS {
            assert!(list.values.iter().enumerate().all(|(place, value)| usize::from(value.code) == place));
        }
        assert_eq!(CallState::from_code(7), None);
    }
}
