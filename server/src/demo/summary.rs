//! What the demo says when the day is over: for people, or as one JSON object.

use std::net::SocketAddr;
use std::path::Path;

use dce_engine::units::Money;
use serde_json::{Value, json};

use super::audit::Audit;
use super::view::Snapshot;
use crate::terminal::figures::{bytes, cents, count, millis, money, percent};
use crate::terminal::frame::{Frame, Line, Paint};
use crate::tools::ids;
use crate::tools::log::digest_text;

/// The whole day.
#[derive(Debug)]
pub(super) struct Summary<'a> {
    pub(super) directory: &'a Path,
    pub(super) snapshot: &'a Snapshot,
    pub(super) commits: u64,
    pub(super) live_digest: u128,
    pub(super) audit: &'a Audit,
    /// How many requests were refused, and the first one's words.
    pub(super) refused: Option<(u64, &'a str)>,
}

/// What a bidder needs to join in.
#[derive(Debug)]
pub(super) struct Invitation<'a> {
    pub(super) address: SocketAddr,
    pub(super) certificate: &'a Path,
    pub(super) key: &'a str,
}

impl Summary<'_> {
    /// What is wrong, if anything is: the exchange and its log tell different stories, or clients heard a third one.
    pub(super) fn fault(&self) -> Option<String> {
        let Self { audit, snapshot, .. } = self;
        let found = if audit.replay.exchange.digest() != self.live_digest {
            format!(
                "the log gives another state ({}) than the exchange had ({})",
                audit.replay.digest(),
                digest_text(self.live_digest)
            )
        } else if audit.replay.ledger_sum() != 0 {
            format!("the ledger sums to {} micro-units instead of 0", audit.replay.ledger_sum())
        } else if (audit.calls, audit.sold) != (snapshot.calls.offered, snapshot.calls.sold) {
            format!(
                "the log has {} calls, {} of them sold, and the sellers counted {} and {}",
                audit.calls, audit.sold, snapshot.calls.offered, snapshot.calls.sold
            )
        } else if (audit.revenue, audit.payout) != (snapshot.money.revenue, snapshot.money.payout) {
            format!(
                "the log has {} revenue and {} payout, and the clients were told {} and {}",
                money(audit.revenue),
                money(audit.payout),
                money(snapshot.money.revenue),
                money(snapshot.money.payout)
            )
        } else {
            let (refused, first) = self.refused?;
            format!("{refused} requests were refused, the first one was {first}")
        };
        Some(format!("{found}; please report it, with {}", self.directory.display()))
    }

    /// For people.
    pub(super) fn frame(&self) -> Frame {
        let Self { audit, snapshot, .. } = self;
        let mut frame = Frame::default();
        frame.push(Line::new());
        frame.push(
            Line::new()
                .strong(format!("{} calls, {} sold", count(audit.calls), count(audit.sold)))
                .plain(format!(" ({}), {} billed: ", percent(audit.sold, audit.calls), count(snapshot.money.billed)))
                .paint(Paint::Good, cents(audit.revenue))
                .plain(format!(
                    " revenue, {} payout, {} margin",
                    cents(audit.payout),
                    cents(audit.revenue - audit.payout)
                )),
        );
        frame.push(Line::new().plain(format!(
            "{} commands in {} commits, {} of journal, every answer durable before it left",
            count(audit.replay.exchange.sequence().0),
            count(self.commits),
            bytes(snapshot.journal.bytes)
        )));
        frame.push(
            Line::new()
                .plain(format!("applied again in {}: ", millis(audit.replay.took)))
                .paint(Paint::Good, "the same state")
                .plain(format!(" ({}), and the ledger sums to {}", audit.replay.digest(), cents(Money::ZERO))),
        );
        if let Some(lost) = &audit.lost {
            frame.push(Line::new());
            frame.push(Line::new().paint(Paint::Title, "a lost call, in a sentence"));
            frame.push(Line::new().plain(lost.sentence.as_str()));
        }
        frame
    }

    /// The commands to go on with, as they can be pasted into a shell.
    pub(super) fn commands(&self, program: &Path) -> Vec<String> {
        let (program, directory) = (quoted(program), quoted(self.directory));
        let mut commands = Vec::new();
        if let Some(lost) = &self.audit.lost {
            let call = format!("{program} explain {} --dir {directory}", ids::text(lost.call.0));
            let (buyer, profile) = (ids::text(lost.buyer.0), ids::text(lost.profile.0));
            commands.push(format!("{call} --buyer {buyer} --profile {profile}"));
            commands.push(call);
        }
        commands.push(format!("{program} log verify {directory}"));
        commands.push(format!("{program} log replay {directory}"));
        commands
    }

    /// For programs.
    pub(super) fn json(&self, commands: &[String]) -> Value {
        let Self { audit, snapshot, .. } = self;
        let lost = audit.lost.as_ref().map(|lost| {
            json!({
                "seller": ids::text(lost.seller.0),
                "call": ids::text(lost.call.0),
                "buyer": ids::text(lost.buyer.0),
                "profile": ids::text(lost.profile.0),
                "sentence": lost.sentence,
            })
        });
        json!({
            "calls": audit.calls,
            "sold": audit.sold,
            "billed": snapshot.money.billed,
            "buyers": snapshot.buyers,
            "revenue_micros": audit.revenue.micros(),
            "payout_micros": audit.payout.micros(),
            "ledger_sum": i64::try_from(audit.replay.ledger_sum()).unwrap_or(i64::MAX),
            "live_digest": digest_text(self.live_digest),
            "replay_digest": audit.replay.digest(),
            "commands": audit.replay.exchange.sequence().0,
            "commits": self.commits,
            "journal_bytes": snapshot.journal.bytes,
            "p50_ns": snapshot.speed.decision_p50,
            "p99_ns": snapshot.speed.decision_p99,
            "round_trip_p50_ns": snapshot.speed.round_trip_p50,
            "round_trip_p99_ns": snapshot.speed.round_trip_p99,
            "commit_p50_ns": snapshot.journal.commit_p50,
            "dir": self.directory.display().to_string(),
            "lost": lost,
            "try": commands,
        })
    }
}

impl Invitation<'_> {
    /// What to type, line by line.
    pub(super) fn lines(&self) -> Vec<String> {
        vec![
            format!("  export BID_SERVER={}", self.address),
            format!("  export BID_CERTIFICATE={}", quoted(self.certificate)),
            format!("  export BID_KEY={}", self.key),
            "  cargo run --release --example bid".to_owned(),
        ]
    }
}

/// A path as a shell reads it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@".contains(c);
    if text.chars().all(plain) { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_quoted_only_where_a_shell_needs_it() {
        assert_eq!(quoted(Path::new("/tmp/dce-demo-1")), "/tmp/dce-demo-1");
        assert_eq!(quoted(Path::new("/tmp/my demo")), "'/tmp/my demo'");
        assert_eq!(quoted(Path::new("/tmp/it's")), r"'/tmp/it'\''s'");
    }
}
