//! The exchange: all rooms, and the one door.

use crate::accounts::Accounts;
use crate::auctions::Auctions;
use crate::calendars::Calendars;
use crate::callers::Callers;
use crate::calls::Calls;
use crate::commands::Command;
use crate::conjunctions::Conjunctions;
use crate::deals::Deals;
use crate::delivery::Delivery;
use crate::event::Events;
use crate::genesis::{Genesis, GenesisError, RULES_VERSION};
use crate::ids::Sequence;
use crate::ledger::Ledger;
use crate::limits::EVENTS_MAX;
use crate::listings::Listings;
use crate::modifiers::Modifiers;
use crate::movements::Movements;
use crate::policies::Policies;
use crate::profiles::Profiles;
use crate::quotas::Quotas;
use crate::quotes::Quotes;
use crate::reject::Reject;
use crate::schedule::Zones;
use crate::schema::Schema;
use crate::sessions::Sessions;
use crate::settings::Settings;
use crate::targeting::{Kernel, TargetingIndex};
use crate::units::Timestamp;
use crate::wants::Wants;

/// A market for calls: a value that commands change and that can be hashed, cloned and replayed.
///
/// It reads no clock, touches no file, starts no thread, and what luck it needs is a function of the log; after [`Exchange::new`] the path of a call
/// allocates nothing. A clone is a what-if: it goes its own way from here.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub(crate) genesis: Genesis,
    pub(crate) sequence: Sequence,
    pub(crate) last_at: Timestamp,
    pub(crate) schema: Schema,
    pub(crate) zones: Zones,
    pub(crate) accounts: Accounts,
    pub(crate) ledger: Ledger,
    pub(crate) movements: Movements,
    pub(crate) sessions: Sessions,
    pub(crate) calendars: Calendars,
    pub(crate) listings: Listings,
    pub(crate) profiles: Profiles,
    pub(crate) settings: Settings,
    pub(crate) conjunctions: Conjunctions,
    pub(crate) wants: Wants,
    pub(crate) modifiers: Modifiers,
    pub(crate) deals: Deals,
    pub(crate) delivery: Delivery,
    pub(crate) quotas: Quotas,
    pub(crate) quotes: Quotes,
    pub(crate) policies: Policies,
    pub(crate) targeting: TargetingIndex,
    pub(crate) calls: Calls,
    pub(crate) auctions: Auctions,
    pub(crate) callers: Callers,
}

/// What became of an accepted command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// The command's place in the log. Its events may leave once this place is durable.
    pub sequence: Sequence,
    /// The command was accepted before, at `sequence`, and changed nothing now: do not journal it again.
    pub repeated: bool,
}

/// The place and time of the command being applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Step {
    pub(crate) at: Timestamp,
    pub(crate) sequence: Sequence,
}

/// What a command's own file answers the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Done {
    /// It changed something.
    Accepted,
    /// It was accepted before, here.
    Repeated(Sequence),
}

impl Exchange {
    /// An exchange at the beginning of its log. All memory it will ever use is claimed here.
    ///
    /// # Errors
    ///
    /// When a limit or the rules version cannot be; nothing was claimed then. Limits that ask for more memory than there is
    /// end the process, as every allocation in Rust does: see *Memory* in `docs/architecture.md` for what they cost.
    pub fn new(genesis: Genesis) -> Result<Self, GenesisError> {
        let limits = &genesis.limits;
        if let Some(name) = limits.fault() {
            return Err(GenesisError::Limit(name));
        }
        if genesis.rules_version == 0 || genesis.rules_version > RULES_VERSION {
            return Err(GenesisError::RulesVersion(genesis.rules_version));
        }
        let seed = genesis.seed;
        Ok(Self {
            sequence: Sequence(0),
            last_at: Timestamp::default(),
            schema: Schema::new(limits, seed),
            zones: Zones::new(limits),
            accounts: Accounts::new(limits, seed),
            ledger: Ledger::new(limits),
            movements: Movements::new(limits, seed),
            sessions: Sessions::new(limits, seed),
            calendars: Calendars::new(limits, seed),
            listings: Listings::new(limits, seed),
            profiles: Profiles::new(limits, seed),
            settings: Settings::new(limits),
            conjunctions: Conjunctions::new(limits),
            wants: Wants::new(limits),
            modifiers: Modifiers::new(limits),
            deals: Deals::new(limits, seed),
            delivery: Delivery::new(limits),
            quotas: Quotas::new(limits, seed),
            quotes: Quotes::new(limits, seed),
            policies: Policies::new(limits, seed),
            targeting: TargetingIndex::new(limits),
            calls: Calls::new(limits, seed),
            auctions: Auctions::new(limits, seed),
            callers: Callers::new(limits, seed),
            genesis,
        })
    }

    /// The one door: applies a command at a time, and puts what it did into `events`.
    ///
    /// `events` is emptied first. Times never go back. Apart from [`Tick`](crate::commands::Tick) no command is accepted
    /// at or past [`next_deadline`](Self::next_deadline): apply `Tick` until it lies ahead.
    ///
    /// # Errors
    ///
    /// The first rule the command breaks. Nothing has changed then, and `events` is empty.
    pub fn apply(&mut self, at: Timestamp, command: &Command<'_>, events: &mut Events) -> Result<Receipt, Reject> {
        events.clear();
        self.judge_door(at, command, events)?;
        let step = Step { at, sequence: Sequence(self.sequence.0 + 1) };
        match self.dispatch(step, command, events)? {
            Done::Accepted => {
                self.sequence = step.sequence;
                self.last_at = at;
                Ok(Receipt { sequence: step.sequence, repeated: false })
            }
            Done::Repeated(sequence) => Ok(Receipt { sequence, repeated: true }),
        }
    }

    /// When `Tick` must be applied next, if ever.
    #[must_use]
    pub fn next_deadline(&self) -> Option<Timestamp> {
        self.calls.next_due().map(|(at, _)| at)
    }

    /// Moves rows of the targeting index into better order, in at most about `budget` small steps. Returns whether there
    /// is more to do. Call it between commands when there is time: it changes no event, no refusal and no digest, only
    /// how fast the next decisions are.
    pub fn maintain(&mut self, budget: u32) -> bool {
        self.targeting.maintain(budget)
    }

    /// Which instructions the targeting index is walked with: at first the widest that this processor has.
    #[must_use]
    pub const fn kernel(&self) -> Kernel {
        self.targeting.kernel()
    }

    /// Walks the index with this kernel from now on, for tests and benches: no event, no refusal and no digest depends on
    /// it. Returns false, and changes nothing, where the processor has no such instructions.
    pub fn use_kernel(&mut self, kernel: Kernel) -> bool {
        self.targeting.use_kernel(kernel)
    }

    fn judge_door(&self, at: Timestamp, command: &Command<'_>, events: &Events) -> Result<(), Reject> {
        if events.capacity() < EVENTS_MAX {
            return Err(Reject::SinkTooSmall);
        }
        if at < self.last_at {
            return Err(Reject::TimeWentBack);
        }
        if at > Timestamp::MAX {
            return Err(Reject::TimeTooLarge);
        }
        let is_due = self.next_deadline().is_some_and(|deadline| deadline <= at);
        match command {
            Command::Tick(_) if !is_due => Err(Reject::NothingDue),
            Command::Tick(_) => Ok(()),
            _ if is_due => Err(Reject::TickDue),
            _ => Ok(()),
        }
    }

    fn dispatch(&mut self, step: Step, command: &Command<'_>, events: &mut Events) -> Result<Done, Reject> {
        match command {
            Command::DeclareAttribute(command) => self.declare_attribute(step, command, events),
            Command::DefineValue(command) => self.define_value(step, command, events),
            Command::LoadValueSet(command) => self.load_value_set(step, command, events),
            Command::SetZone(command) => self.set_zone(step, command, events),
            Command::OpenAccount(command) => self.open_account(step, command, events),
            Command::SetHome(command) => self.set_home(step, command, events),
            Command::CloseAccount(command) => self.close_account(step, command, events),
            Command::Deposit(command) => self.deposit(step, command, events),
            Command::Withdraw(command) => self.withdraw(step, command, events),
            Command::OpenSession(command) => self.open_session(step, command, events),
            Command::CloseSession(command) => self.close_session(step, command, events),
            Command::SetCalendar(command) => self.set_calendar(step, command, events),
            Command::CreateListing(command) => self.create_listing(step, command, events),
            Command::Delist(command) => self.delist(step, command, events),
            Command::SetDisclosure(command) => self.set_disclosure(step, command, events),
            Command::SetWindow(command) => self.set_window(step, command, events),
            Command::SetDeal(command) => self.set_deal(step, command, events),
            Command::SetPrivate(command) => self.set_private(step, command, events),
            Command::SetDelivery(command) => self.set_delivery(step, command, events),
            Command::SetPolicy(command) => self.set_policy(step, command, events),
            Command::CreateProfile(command) => self.create_profile(step, command, events),
            Command::AlsoWants(command) => self.also_wants(step, command, events),
            Command::SetModifiers(command) => self.set_modifiers(step, command, events),
            Command::SetAnswering(command) => self.set_answering(step, command, events),
            Command::RankProfile(command) => self.rank_profile(step, command, events),
            Command::SetSkills(command) => self.set_skills(step, command, events),
            Command::SetBid(command) => self.set_bid(step, command, events),
            Command::PauseProfile(command) => self.pause_profile(step, command, events),
            Command::ResumeProfile(command) => self.resume_profile(step, command, events),
            Command::CloseProfile(command) => self.close_profile(step, command, events),
            Command::SetDuplicates(command) => self.set_duplicates(step, command, events),
            Command::SetFrequency(command) => self.set_frequency(step, command, events),
            Command::SetSuppression(command) => self.set_suppression(step, command, events),
            Command::SetScreen(command) => self.set_screen(step, command, events),
            Command::SetQuota(command) => self.set_quota(step, command, events),
            Command::SetGroup(command) => self.set_group(step, command, events),
            Command::SetQuoting(command) => self.set_quoting(step, command, events),
            Command::QuoteCall(command) => self.quote_call(step, command, events),
            Command::ConfirmQuote(command) => self.confirm_quote(step, command, events),
            Command::SetTogether(command) => self.set_together(step, command, events),
            Command::RegisterCall(command) => self.register_call(step, command, events),
            Command::OfferCall(command) => self.offer_call(step, command, events),
            Command::CancelCall(command) => self.cancel_call(step, command, events),
            Command::OpenAuction(command) => self.open_auction(step, command, events),
            Command::PlaceBid(command) => self.place_bid(step, command, events),
            Command::WithdrawBid(command) => self.withdraw_bid(step, command, events),
            Command::NoBid(command) => self.no_bid(step, command, events),
            Command::CloseAuction(command) => self.close_auction(step, command, events),
            Command::ReportRinging(command) => self.report_ringing(step, command, events),
            Command::ReportAnswered(command) => self.report_answered(step, command, events),
            Command::ReportFailed(command) => self.report_failed(step, command, events),
            Command::ReportEnded(command) => self.report_ended(step, command, events),
            Command::ReportDropped(command) => self.report_dropped(step, command, events),
            Command::ReportRejected(command) => self.report_rejected(step, command, events),
            Command::Tick(_) => self.tick(step, events),
        }
    }
}
