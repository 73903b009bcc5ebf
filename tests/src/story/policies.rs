//! How calls are given out, as lines of a story.

use dce_engine::units::BasisPoints;

use super::names::{Names, money, number};
use super::parse::Words;
use crate::twin::action::{Action, Policy, Skill};

/// `policy WEB/1 share price=20.00 needs=spanish:50`, `policy WEB/1 expected segment=state explore=5%`; `rank ACME/1 weight=3
/// quality=80% prior=1/2`; `skills ACME/1 spanish=80`. Skills are numbered in order of mention.
pub(super) fn action(names: &mut Names, verb: &str, words: &Words<'_>) -> Result<Action, String> {
    let name = words.plain(0, "the name")?;
    match verb {
        "policy" => policy(names, name, words),
        "rank" => {
            words.only(&["weight", "quality", "prior"])?;
            let (buyer, profile) = names.profile(name)?;
            let weight = words.read("weight", number)?.unwrap_or(1);
            let quality = words.read("quality", percent)?.unwrap_or(BasisPoints::WHOLE);
            let (met, of) = words.option("prior").unwrap_or("1/1").split_once('/').ok_or("prior=<met>/<of>")?;
            Ok(Action::RankProfile { buyer, profile, weight, quality, prior: (number(met)?, number(of)?) })
        }
        _ => {
            let (buyer, profile) = names.profile(name)?;
            let skills = words.options.iter().map(|(skill, level)| Ok((names.skill(skill), number(level)?)));
            Ok(Action::SetSkills { buyer, profile, skills: skills.collect::<Result<_, String>>()? })
        }
    }
}

fn policy(names: &mut Names, name: &str, words: &Words<'_>) -> Result<Action, String> {
    words.only(&["price", "needs", "segment", "explore"])?;
    let (seller, listing) = names.listing(name)?;
    let policy = match words.plain(1, "the policy")? {
        "highest" => Policy::HighestScore,
        "share" => Policy::WeightedShare,
        "turns" => Policy::RoundRobin,
        "skill" => Policy::Skill,
        "quality" => Policy::CostQuality,
        "expected" => Policy::ExpectedValue {
            segment: words.option("segment").map(|name| names.attribute(name)),
            explore: words.read("explore", percent)?.unwrap_or_default(),
        },
        other => return Err(format!("there is no policy {other}")),
    };
    let needs = words.options.iter().filter(|(name, _)| *name == "needs");
    let requires: Vec<Skill> = needs.map(|(_, need)| skill(names, need)).collect::<Result<_, _>>()?;
    Ok(Action::SetPolicy { seller, listing, policy, price: words.read("price", money)?, requires })
}

/// `spanish:50`.
fn skill(names: &mut Names, text: &str) -> Result<Skill, String> {
    let (name, level) = text.split_once(':').ok_or("needs=<skill>:<level>")?;
    Ok((names.skill(name), number(level)?))
}

/// `5%`, with up to two decimals.
fn percent(text: &str) -> Result<BasisPoints, String> {
    let hundredths = money(text.trim_end_matches('%'))?.micros() / 10_000;
    u16::try_from(hundredths).map(BasisPoints).map_err(|_| format!("`{text}` is no share"))
}
