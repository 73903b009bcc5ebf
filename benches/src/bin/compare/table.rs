//! The findings for people and for programs.

use std::fmt::Write as _;

use dce_benches::samples::{Cost, Jitter, rate, time, times};
use serde_json::{Value, json};

use crate::contenders::About;
use crate::contest::Answers;
use crate::decisions::Decisions;

/// All of it.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) measured: Measured,
    pub(crate) machine: String,
    /// Of the second-level cache, bytes a second.
    pub(crate) bandwidth: u64,
    pub(crate) jitter: Jitter,
}

/// What was found in one market.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) world: String,
    pub(crate) profiles: usize,
    /// Calls for which everybody found the same.
    pub(crate) identical: usize,
    pub(crate) found_per_100_calls: u64,
    pub(crate) bytes_per_profile: u64,
    pub(crate) contenders: Vec<About>,
    pub(crate) questions: Vec<Answers>,
    pub(crate) decisions: Vec<Decisions>,
}

impl Report {
    /// Tables with a few sentences on how to read them.
    pub(crate) fn text(&self) -> String {
        let Measured { world, identical, found_per_100_calls: found, .. } = &self.measured;
        let mut out = format!(
            "# {world}\n\n{}.{:02} profiles want a call. All contenders found the same ones, and the same best two, for all \
             {identical} calls asked.\n",
            found / 100,
            found % 100
        );
        for answers in &self.measured.questions {
            self.question(&mut out, answers);
        }
        self.built(&mut out);
        self.decided(&mut out);
        let Jitter { lost_of_1000, longest_gap_micros } = self.jitter;
        let _ = write!(
            out,
            "\nThe rivals know targeting and bids alone: no caps, hours, quotas, callers' rules or balances, no price, no hold, no\n\
             events. Ours asked for the best two has asked every rule. Ratios are medians over slices of this run.\n\
             The machine: {}; {}.{} % of time lost to others, longest gap {longest_gap_micros} µs.\n",
            self.machine,
            lost_of_1000 / 10,
            lost_of_1000 % 10,
        );
        out
    }

    fn question(&self, out: &mut String, answers: &Answers) {
        let _ = write!(
            out,
            "\n## {}\n\n\
             | contender | p50 | p99 | calls/s | times ours | allocations a call |\n|---|--:|--:|--:|--:|--:|\n",
            answers.question.name()
        );
        for (about, row) in self.measured.contenders.iter().zip(&answers.rows) {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {}.{:02} |",
                about.name,
                time(row.cost.p50),
                time(row.cost.p99),
                rate(row.cost.mean),
                times(row.of_ours),
                row.allocations_per_100 / 100,
                row.allocations_per_100 % 100,
            );
        }
        let _ = writeln!(
            out,
            "\nByte floor: {} bytes a call, {} at the {} GB/s of the second-level cache; ours takes {} of it.",
            answers.floor_bytes,
            time(answers.floor_picos),
            self.bandwidth / 1_000_000_000,
            times(answers.times_floor()),
        );
    }

    fn built(&self, out: &mut String) {
        out.push_str("\n## Built\n\n| contender | time | bytes a profile |\n|---|--:|--:|\n");
        for about in &self.measured.contenders {
            let bytes = about.bytes / self.measured.profiles as u64;
            let picos = about.build.as_nanos() as u64 * 1_000;
            let _ = writeln!(out, "| {} | {} | {bytes} |", about.name, time(picos));
        }
        out.push_str(
            "\nOurs: what room for one profile more costs, its records, caps, destinations and lines of the index included.\n",
        );
    }

    fn decided(&self, out: &mut String) {
        out.push_str(
            "\n## Decisions\n\n| ours alone | p50 | p99 | decisions/s | allocations | sold |\n|---|--:|--:|--:|--:|--:|\n",
        );
        for row in &self.measured.decisions {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {}.{} % |",
                row.name,
                time(row.cost.p50),
                time(row.cost.p99),
                rate(row.cost.mean),
                row.allocations,
                row.sold_of_1000 / 10,
                row.sold_of_1000 % 10,
            );
        }
    }

    /// One object; times in picoseconds, ratios in hundredths.
    pub(crate) fn json(&self) -> String {
        let measured = &self.measured;
        let questions: Vec<Value> = measured.questions.iter().map(|answers| self.question_json(answers)).collect();
        let contenders: Vec<Value> = measured
            .contenders
            .iter()
            .map(|about| json!({"name": about.name, "build_us": about.build.as_micros() as u64, "bytes": about.bytes}))
            .collect();
        let decisions: Vec<Value> = measured
            .decisions
            .iter()
            .map(|row| {
                json!({
                    "name": row.name, "cost": cost(&row.cost), "allocations": row.allocations,
                    "decided": row.decided, "sold_of_1000": row.sold_of_1000,
                })
            })
            .collect();
        let all = json!({
            "world": measured.world,
            "profiles": measured.profiles,
            "identical_calls": measured.identical,
            "found_per_100_calls": measured.found_per_100_calls,
            "bytes_per_profile": measured.bytes_per_profile,
            "contenders": contenders,
            "questions": questions,
            "decisions": decisions,
            "machine": self.machine,
            "cache_bytes_per_second": self.bandwidth,
            "jitter": {"lost_of_1000": self.jitter.lost_of_1000, "longest_gap_us": self.jitter.longest_gap_micros},
        });
        format!("{all:#}\n")
    }

    fn question_json(&self, answers: &Answers) -> Value {
        let rows: Vec<Value> = self
            .measured
            .contenders
            .iter()
            .zip(&answers.rows)
            .map(|(about, row)| {
                json!({
                    "name": about.name, "cost": cost(&row.cost), "of_ours_percent": row.of_ours,
                    "allocations_per_100_calls": row.allocations_per_100,
                })
            })
            .collect();
        json!({
            "name": answers.question.name(), "contenders": rows, "floor_bytes": answers.floor_bytes,
            "floor_ps": answers.floor_picos, "times_floor_percent": answers.times_floor(),
        })
    }
}

impl Answers {
    /// Ours in hundredths of the floor.
    fn times_floor(&self) -> u64 {
        self.rows[0].cost.mean * 100 / self.floor_picos.max(1)
    }
}

fn cost(cost: &Cost) -> Value {
    json!({"mean_ps": cost.mean, "p50_ps": cost.p50, "p99_ps": cost.p99})
}
