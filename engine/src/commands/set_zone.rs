//! The server tells the log what a time zone's clocks will do.

use crate::event::{Event, Events};
use crate::exchange::{Done, Exchange, Step};
use crate::ids::ZoneId;
use crate::limits::TRANSITIONS_MAX;
use crate::reject::Reject;
use crate::terms::Transition;

/// Sets a zone's transitions, a year ahead, replacing those known. The engine has no tz database: what a replay needs
/// is in the log.
///
/// The offset of the first transition also holds before it.
///
/// # Refused
///
/// `CommandTooLarge` (more than [`TRANSITIONS_MAX`](crate::limits::TRANSITIONS_MAX)), `ValueOutOfRange` (none at all,
/// an offset of more than 16 hours, a time beyond
/// `Timestamp::MAX`, an id not below `zones_max`), `TransitionsNotAscending`.
///
/// # Events
///
/// `ZoneSet`; nothing when the zone has just these transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SetZone<'a> {
    /// The zone.
    pub zone: ZoneId,
    /// Each says from when on which offset holds.
    pub transitions: &'a [Transition],
}

impl<'a> SetZone<'a> {
    /// `zone` follows `transitions`.
    #[must_use]
    pub const fn new(zone: ZoneId, transitions: &'a [Transition]) -> Self {
        Self { zone, transitions }
    }
}

impl Exchange {
    pub(crate) fn set_zone(&mut self, step: Step, command: &SetZone<'_>, events: &mut Events) -> Result<Done, Reject> {
        let &SetZone { zone, transitions } = command;
        if transitions.len() > TRANSITIONS_MAX {
            return Err(Reject::CommandTooLarge);
        }
        let known = self.zones.judge(zone, transitions)?;
        events.push(Event::ZoneSet { zone });
        if let Some(sequence) = known {
            return Ok(Done::Repeated(sequence));
        }
        self.zones.set(zone, transitions, step.sequence);
        self.targeting.wake_all();
        Ok(Done::Accepted)
    }
}
