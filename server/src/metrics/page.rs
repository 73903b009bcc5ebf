//! What is read when somebody asks: numbers that others count.

use std::fs;

use dce_engine::ids::AccountId;
use dce_runtime::Histogram;

use super::Metrics;
use crate::registry::Front;

/// Quantiles that are shown, with their label.
const QUANTILES: [(u32, &str); 4] = [(500, "0.5"), (900, "0.9"), (990, "0.99"), (999, "0.999")];

impl Metrics {
    pub(super) fn read_sources(&self) {
        self.read_runtime();
        self.read_views();
        self.read_process();
        let free = rustix::fs::statvfs(&self.sources.dir).map(|disk| disk.f_bavail.saturating_mul(disk.f_frsize));
        if let Ok(free) = free {
            self.set("dce_journal_disk_free_bytes", &[], free);
        }
        if let Some((exported, dropped)) = self.sources.traces.counts() {
            for (result, count) in [("exported", exported), ("dropped", dropped)] {
                self.counter("dce_trace_spans_total", &[("result", result)]).absolute(count);
            }
        }
        self.set("dce_journal_disk_reserve_bytes", &[], self.sources.disk_reserve_bytes);
        for front in Front::ALL {
            self.set("dce_connections", &[("front", front.name())], self.sources.registry.connections_by(front) as u64);
        }
    }

    fn read_runtime(&self) {
        let gauges = self.sources.handle.gauges();
        for (result, count) in
            [("accepted", gauges.accepted()), ("repeated", gauges.repeated()), ("refused", gauges.refused())]
        {
            self.counter("dce_commands_total", &[("result", result)]).absolute(count);
        }
        for (name, count) in [
            ("dce_ticks_total", gauges.ticks()),
            ("dce_deliveries_missed_total", gauges.missed()),
            ("dce_journal_commits_total", gauges.commits()),
            ("dce_journal_bytes_total", gauges.journal_bytes()),
            ("dce_clock_steps_total", gauges.clock_steps()),
            ("dce_routing_duration_seconds_count", gauges.decision_latency().count()),
            ("dce_journal_commit_duration_seconds_count", gauges.commit_latency().count()),
        ] {
            self.counter(name, &[]).absolute(count);
        }
        self.quantiles("dce_routing_duration_seconds", gauges.decision_latency());
        self.quantiles("dce_journal_commit_duration_seconds", gauges.commit_latency());
        self.set("dce_commands_unanswered", &[], gauges.unanswered());
        self.set("dce_sequence", &[("stage", "applied")], gauges.applied().0);
        self.set("dce_sequence", &[("stage", "published")], gauges.published().0);
        if let Some(archive) = &self.sources.archive {
            // Read first: what is published meanwhile makes it more, never less.
            let shown = archive.history.shown().0;
            self.set("dce_history_commands_behind", &[], gauges.published().0.saturating_sub(shown));
            self.set("dce_history_stopped", &[], archive.stands_still().into());
        }
        self.gauge("dce_clock_offset_microseconds", &[]).set(gauges.clock_offset_micros() as f64);
    }

    fn read_views(&self) {
        let views = self.sources.handle.views();
        self.set("dce_sequence", &[("stage", "views")], views.sequence().0);
        self.set("dce_accounts", &[], views.accounts().count() as u64);
        let counts = views.counters();
        for (outcome, count) in [
            ("offered", counts.offered),
            ("sold", counts.sold),
            ("unsold", counts.unsold),
            ("answered", counts.answered),
            ("ended", counts.ended),
            ("canceled", counts.canceled),
            ("fell_back", counts.fell_back),
        ] {
            self.counter("dce_calls_total", &[("outcome", outcome)]).absolute(count);
        }
        for (outcome, count) in [
            ("given", counts.quoted),
            ("reserved", counts.reserved),
            ("declined", counts.quotes_declined),
            ("lapsed", counts.quotes_lapsed),
        ] {
            self.counter("dce_quotes_total", &[("outcome", outcome)]).absolute(count);
        }
        self.counter("dce_bids_total", &[("outcome", "placed")]).absolute(counts.bids);
        let currency = [("currency", self.sources.currency.as_str())];
        let whole = |micros: i64| u64::try_from(micros).unwrap_or(0);
        self.counter("dce_ledger_revenue_micros_total", &currency).absolute(whole(counts.revenue.micros()));
        self.counter("dce_ledger_payout_micros_total", &currency).absolute(whole(counts.payout.micros()));
        if let Some(platform) = views.account(AccountId::PLATFORM) {
            self.gauge("dce_ledger_platform_balance_micros", &currency).set(platform.balance.micros() as f64);
        }
    }

    fn read_process(&self) {
        let features = if cfg!(feature = "otel") { "rest,otel" } else { "rest" };
        self.set("dce_build_info", &[("version", env!("CARGO_PKG_VERSION")), ("features", features)], 1);
        self.set("process_start_time_seconds", &[], self.sources.started_at);
        // Where there is no /proc there is no such metric.
        let pages = fs::read_to_string("/proc/self/statm").ok();
        let pages = pages.and_then(|text| text.split(' ').nth(1)?.parse::<u64>().ok());
        if let Some(pages) = pages {
            self.set("process_resident_memory_bytes", &[], pages.saturating_mul(rustix::param::page_size() as u64));
        }
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            self.set("process_open_fds", &[], open.count() as u64);
        }
    }

    fn set(&self, name: &'static str, labels: &[(&'static str, &str)], value: u64) {
        self.gauge(name, labels).set(value as f64);
    }

    /// Nothing is shown before something was measured: a quantile of nothing is not zero.
    fn quantiles(&self, name: &'static str, taken: &Histogram) {
        if taken.count() == 0 {
            return;
        }
        for (per_mille, label) in QUANTILES {
            let took = std::time::Duration::from_nanos(taken.percentile(per_mille));
            self.gauge(name, &[("quantile", label)]).set(took.as_secs_f64());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Sources;
    use super::*;
    use crate::history::HistoryStart;
    use crate::registry::Registry;
    use crate::traces::Traces;
    use dce_engine::Exchange;
    use dce_engine::commands::OpenAccount;
    use dce_engine::genesis::{Genesis, USD};
    use dce_engine::ids::Sequence;
    use dce_engine::limits::Limits;
    use dce_persistence::record::RecordCodec;
    use dce_runtime::{Durability, MemoryJournal, Options, Runtime};
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn a_history_that_is_not_written_is_behind_and_says_when_it_never_will_be() {
        let dir = tempfile::tempdir().unwrap();
        let (keeper, archive) = HistoryStart::open(dir.path()).unwrap().keep(Duration::from_secs(86_400));
        let exchange = Exchange::new(Genesis::new(Limits::small(), 7, USD)).unwrap();
        let journal = MemoryJournal::forgetful(RecordCodec::default());
        let options = Options { durability: Durability::None, ..Options::default() };
        let runtime = Runtime::spawn(exchange, journal, options).unwrap();
        let metrics = Metrics::new(Sources {
            handle: runtime.handle(),
            archive: Some(archive),
            registry: Arc::new(Registry::default()),
            dir: dir.path().to_owned(),
            disk_reserve_bytes: 0,
            currency: "USD".to_owned(),
            started_at: 0,
            traces: Traces::default(),
        });
        let says = |line: &str| metrics.render().lines().any(|known| known == line);
        assert!(says("dce_history_commands_behind 0") && says("dce_history_stopped 0"));
        let mut last = Sequence(0);
        for account in 11..=13 {
            let opened = OpenAccount::buyer(AccountId(account)).into();
            last = runtime.handle().submit(&opened).unwrap().wait().sequence;
        }
        // It is counted as published before views show it.
        runtime.handle().views_at(last, Duration::from_secs(20)).unwrap();
        assert!(says(&format!("dce_history_commands_behind {}", last.0)) && last.0 >= 3);
        drop(keeper);
        assert!(says("dce_history_stopped 1"));
        runtime.shutdown().unwrap();
    }
}
