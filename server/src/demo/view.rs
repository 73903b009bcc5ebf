//! The demo's picture: what is known at one moment, as a frame for a terminal and as one line for a log.

use std::time::Duration;

use dce_engine::units::Money;

use super::words::VERTICALS;
use crate::terminal::figures::{bytes, count, dollars, nanos, percent};
use crate::terminal::frame::{Frame, Line, Paint};

/// How many outcomes are shown.
pub(super) const OUTCOMES_SHOWN: usize = 8;

/// Everything the picture shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Snapshot {
    /// What is being done: `setting up`, `a business day`, `closing`.
    pub(super) stage: &'static str,
    /// Since the start.
    pub(super) elapsed: Duration,
    pub(super) buyers: usize,
    pub(super) profiles: usize,
    pub(super) sellers: usize,
    pub(super) calls_planned: u32,
    /// Minutes since midnight on the market's Eastern clocks.
    pub(super) minute_of_day: u32,
    pub(super) calls: Calls,
    pub(super) money: Takings,
    /// One for each of `VERTICALS`.
    pub(super) segments: [Segment; VERTICALS.len()],
    pub(super) bids: Bids,
    pub(super) speed: Speed,
    pub(super) journal: JournalFigures,
    /// The last calls to be over, newest first.
    pub(super) outcomes: Vec<Ended>,
}

/// How far the calls have come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Calls {
    pub(super) offered: u64,
    /// Sold at least once.
    pub(super) sold: u64,
    pub(super) answered: u64,
    pub(super) unsold: u64,
    /// Being delivered or talking.
    pub(super) live: u64,
    /// Over, in whichever way.
    pub(super) over: u64,
    /// Calls offered in the last second.
    pub(super) rate: u64,
}

/// What was earned.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Takings {
    pub(super) revenue: Money,
    pub(super) payout: Money,
    /// Calls that were paid for.
    pub(super) billed: u64,
}

/// One vertical.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Segment {
    pub(super) calls: u64,
    pub(super) sold: u64,
    pub(super) revenue: Money,
}

/// What buyers said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Bids {
    /// Standing bids set or moved.
    pub(super) standing: u64,
    pub(super) invited: u64,
    pub(super) live: u64,
    pub(super) passed: u64,
}

/// How long things took, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Speed {
    pub(super) decision_p50: u64,
    pub(super) decision_p99: u64,
    pub(super) round_trip_p50: u64,
    pub(super) round_trip_p99: u64,
}

/// What the journal did.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct JournalFigures {
    pub(super) durable: u64,
    /// Group commits in the last second.
    pub(super) commits_a_second: u64,
    pub(super) commit_p50: u64,
    pub(super) bytes: u64,
}

/// A call that is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Ended {
    pub(super) vertical: usize,
    /// `FL, 72`.
    pub(super) caller: String,
    /// Who bought it last, if anybody did.
    pub(super) buyer: Option<String>,
    pub(super) price: Money,
    /// `4m12s, paid`, `no answer`, `no eligible candidate`.
    pub(super) end: String,
    pub(super) paint: Paint,
}

impl Snapshot {
    /// The frame: 96 columns, cut by the screen where there are fewer.
    pub(super) fn frame(&self) -> Frame {
        let mut frame = Frame::default();
        frame.push(self.head());
        frame.push(Line::new());
        frame.push(self.progress());
        frame.push(Line::new());
        for line in [self.routed(), self.takings(), self.bidding(), self.speed(), self.journal()] {
            frame.push(line);
        }
        frame.push(Line::new());
        self.push_segments(&mut frame);
        frame.push(Line::new());
        frame.push(Line::new().paint(Paint::Title, "last calls"));
        for place in 0..OUTCOMES_SHOWN {
            frame.push(self.outcomes.get(place).map_or_else(Line::new, Ended::line));
        }
        frame
    }

    /// One line, for a log.
    pub(super) fn line(&self) -> String {
        format!(
            "{} {}: {} of {} calls, {} routed, revenue {}, payout {}; decision p50 {} p99 {}, round trip p50 {} p99 {}, \
             durable {}",
            clock(self.elapsed),
            self.stage,
            count(self.calls.over),
            count(self.calls_planned.into()),
            count(self.calls.sold),
            dollars(self.money.revenue),
            dollars(self.money.payout),
            nanos(self.speed.decision_p50),
            nanos(self.speed.decision_p99),
            nanos(self.speed.round_trip_p50),
            nanos(self.speed.round_trip_p99),
            count(self.journal.durable)
        )
    }

    fn head(&self) -> Line {
        let parties = format!(
            "{} buyers, {} profiles, {} sellers over QUIC · durability always",
            self.buyers, self.profiles, self.sellers
        );
        Line::new().paint(Paint::Title, "dce demo").to(12).plain(parties).right(WIDTH, Paint::Dim, clock(self.elapsed))
    }

    fn progress(&self) -> Line {
        let planned = u64::from(self.calls_planned);
        let stage = match self.minute_of_day {
            0 => self.stage.to_owned(),
            minute => format!("{}, {:02}:{:02} ET", self.stage, minute / 60, minute % 60),
        };
        Line::new()
            .dim(stage)
            .to(30)
            .bar(40, self.calls.over, planned)
            .right(80, Paint::Strong, count(self.calls.over))
            .dim(format!(" of {}", count(planned)))
            .right(WIDTH, Paint::Dim, format!("{}/s", count(self.calls.rate)))
    }

    fn routed(&self) -> Line {
        let calls = &self.calls;
        Line::new()
            .dim("routed")
            .to(LABEL)
            .strong(count(calls.sold))
            .dim(format!("  {}", percent(calls.sold, calls.offered)))
            .to(SECOND)
            .dim("answered ")
            .plain(count(calls.answered))
            .to(THIRD)
            .dim("unsold ")
            .plain(count(calls.unsold))
            .to(FOURTH)
            .dim("live ")
            .plain(count(calls.live))
    }

    fn takings(&self) -> Line {
        let money = &self.money;
        Line::new()
            .dim("revenue")
            .to(LABEL)
            .paint(Paint::Good, dollars(money.revenue))
            .to(SECOND)
            .dim("payout ")
            .plain(dollars(money.payout))
            .to(THIRD)
            .dim("margin ")
            .plain(dollars(money.revenue - money.payout))
            .to(FOURTH)
            .dim("billed ")
            .plain(count(money.billed))
    }

    fn bidding(&self) -> Line {
        let bids = &self.bids;
        Line::new()
            .dim("bids")
            .to(LABEL)
            .strong(count(bids.standing))
            .dim(" standing")
            .to(SECOND)
            .dim("invited ")
            .plain(count(bids.invited))
            .to(THIRD)
            .dim("live bids ")
            .plain(count(bids.live))
            .to(FOURTH)
            .dim("passed ")
            .plain(count(bids.passed))
    }

    fn speed(&self) -> Line {
        let speed = &self.speed;
        Line::new()
            .dim("decision")
            .to(LABEL)
            .dim("p50 ")
            .strong(nanos(speed.decision_p50))
            .to(SECOND)
            .dim("p99 ")
            .plain(nanos(speed.decision_p99))
            .to(THIRD)
            .dim("round trip p50 ")
            .strong(nanos(speed.round_trip_p50))
            .to(FOURTH)
            .dim("p99 ")
            .plain(nanos(speed.round_trip_p99))
    }

    fn journal(&self) -> Line {
        let journal = &self.journal;
        Line::new()
            .dim("journal")
            .to(LABEL)
            .dim("durable ")
            .strong(count(journal.durable))
            .to(SECOND)
            .dim("commits ")
            .plain(format!("{}/s", count(journal.commits_a_second)))
            .to(THIRD)
            .dim("commit p50 ")
            .plain(nanos(journal.commit_p50))
            .to(FOURTH)
            .plain(bytes(journal.bytes))
    }

    fn push_segments(&self, frame: &mut Frame) {
        frame.push(
            Line::new()
                .paint(Paint::Title, "vertical")
                .right(24, Paint::Dim, "calls")
                .right(32, Paint::Dim, "sold")
                .right(42, Paint::Dim, "per sale")
                .right(54, Paint::Dim, "revenue"),
        );
        let most = self.segments.iter().map(|segment| segment.revenue.micros()).max().unwrap_or(0);
        for (vertical, segment) in VERTICALS.iter().zip(&self.segments) {
            let average = segment.revenue.micros().checked_div(segment.sold as i64).unwrap_or(0);
            frame.push(
                Line::new()
                    .plain(vertical.name)
                    .right(24, Paint::Plain, count(segment.calls))
                    .right(32, Paint::Plain, count(segment.sold))
                    .right(42, Paint::Dim, dollars(Money::from_micros(average)))
                    .right(54, Paint::Strong, dollars(segment.revenue))
                    .plain("  ")
                    .bar(WIDTH - 56, segment.revenue.micros() as u64, most as u64),
            );
        }
    }
}

/// Where the frame ends, and where its figures stand.
const WIDTH: usize = 96;
const LABEL: usize = 12;
const SECOND: usize = 32;
const THIRD: usize = 53;
const FOURTH: usize = 80;

impl Ended {
    fn line(&self) -> Line {
        let line = Line::new().plain(VERTICALS[self.vertical].name).to(16).dim(&self.caller).to(24);
        let line = match &self.buyer {
            Some(buyer) => line.plain(buyer).right(66, Paint::Plain, dollars(self.price)),
            None => line.dim("nobody"),
        };
        line.to(69).paint(self.paint, &self.end)
    }
}

/// `01:07`.
fn clock(elapsed: Duration) -> String {
    let seconds = elapsed.as_secs();
    format!("{:02}:{:02}", seconds / 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn midday() -> Snapshot {
        let outcome = |vertical: usize, caller: &str, buyer: Option<&str>, dollars: i32, end: &str| Ended {
            vertical,
            caller: caller.to_owned(),
            buyer: buyer.map(str::to_owned),
            price: Money::from_units(dollars),
            end: end.to_owned(),
            paint: Paint::Good,
        };
        let segment = |calls, sold, revenue| Segment { calls, sold, revenue: Money::from_units(revenue) };
        Snapshot {
            stage: "a business day",
            elapsed: Duration::from_millis(12_345),
            buyers: 60,
            profiles: 148,
            sellers: 6,
            calls_planned: 5_000,
            minute_of_day: 14 * 60 + 20,
            calls: Calls {
                offered: 3_480,
                sold: 2_871,
                answered: 2_455,
                unsold: 480,
                live: 61,
                over: 3_412,
                rate: 302,
            },
            money: Takings { revenue: Money::from_units(98_231), payout: Money::from_units(76_001), billed: 1_702 },
            segments: [
                segment(905, 801, 24_911),
                segment(830, 712, 14_002),
                segment(640, 511, 22_100),
                segment(480, 402, 11_040),
                segment(350, 277, 9_800),
                segment(275, 168, 16_378),
            ],
            bids: Bids { standing: 1_204, invited: 1_310, live: 902, passed: 301 },
            speed: Speed {
                decision_p50: 1_920,
                decision_p99: 7_240,
                round_trip_p50: 2_140_000,
                round_trip_p99: 6_010_000,
            },
            journal: JournalFigures { durable: 41_233, commits_a_second: 218, commit_p50: 1_240_000, bytes: 6_140_000 },
            outcomes: vec![
                outcome(0, "FL, 72", Some("Blue Harbor Senior Benefits"), 38, "4m12s, paid"),
                outcome(5, "TX, 33", Some("Stonegate Trial Lawyers"), 265, "18s, too short to bill"),
                outcome(1, "WY, 19", None, 0, "no eligible candidate"),
            ],
        }
    }

    #[test]
    fn the_picture_at_midday() {
        let expected = "\
dce demo    60 buyers, 148 profiles, 6 sellers over QUIC · durability always               00:12

a business day, 14:20 ET      ███████████████████████████▎────────────     3,412 of 5,000  302/s

routed      2,871  82.5 %       answered 2,455       unsold 480                 live 61
revenue     $98,231             payout $76,001       margin $22,230             billed 1,702
bids        1,204 standing      invited 1,310        live bids 902              passed 301
decision    p50 1.92 µs         p99 7.24 µs          round trip p50 2.14 ms     p99 6.01 ms
journal     durable 41,233      commits 218/s        commit p50 1.24 ms         6.14 MB

vertical           calls    sold  per sale     revenue
Medicare             905     801       $31     $24,911  ████████████████████████████████████████
Auto insurance       830     712       $20     $14,002  ██████████████████████▍─────────────────
Home services        640     511       $43     $22,100  ███████████████████████████████████▍────
Final expense        480     402       $27     $11,040  █████████████████▋──────────────────────
Debt relief          350     277       $35      $9,800  ███████████████▋────────────────────────
Injury law           275     168       $97     $16,378  ██████████████████████████▎─────────────

last calls
Medicare        FL, 72  Blue Harbor Senior Benefits            $38   4m12s, paid
Injury law      TX, 33  Stonegate Trial Lawyers               $265   18s, too short to bill
Auto insurance  WY, 19  nobody                                       no eligible candidate





";
        assert_eq!(midday().frame().text(), expected);
    }

    #[test]
    fn an_empty_picture_divides_by_nothing_and_is_as_tall() {
        assert_eq!(Snapshot::default().frame().lines.len(), midday().frame().lines.len());
        assert!(midday().frame().lines.iter().all(|line| line.width() <= WIDTH));
    }

    #[test]
    fn the_line_says_the_same_in_one_row() {
        let line = "00:12 a business day: 3,412 of 5,000 calls, 2,871 routed, revenue $98,231, payout $76,001; decision \
                    p50 1.92 µs p99 7.24 µs, round trip p50 2.14 ms p99 6.01 ms, durable 41,233";
        assert_eq!(midday().line(), line);
    }
}
