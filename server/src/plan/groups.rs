//! The section that says which profiles of a buyer belong together, and the key that names one of their groups.

use dce_engine::ids::GroupId;
use dce_engine::terms::QuotaScope;

use super::fields::{Fields, map, text};
use super::hours::Calendars;
use super::keys;
use super::mistakes::{Mistakes, shown};
use super::model::{Member, Order, Step, Together, What, id_of};
use super::quotas::quota;
use super::scalars;

/// The groups of one buyer, by name.
#[derive(Debug)]
pub(super) struct Groups<'n> {
    owner: &'n str,
    known: Vec<(&'n str, u128)>,
}

impl<'n> Groups<'n> {
    /// Those of a buyer called `owner`, which the step `account` opens; whether one is dialled together and what its
    /// members may take in all are steps.
    pub(super) fn read(
        fields: &Fields<'n>,
        (owner, account): (&'n str, usize),
        calendars: &Calendars<'_>,
        steps: &mut Vec<Step>,
        mistakes: &mut Mistakes,
    ) -> Self {
        let mut known: Vec<(&str, u128)> = Vec::new();
        let Some((_, node)) = fields.get("groups") else { return Self { owner, known } };
        for (key, node) in map(node, "`groups`", mistakes) {
            let name = format!("{owner}/{}", key.text);
            let of = format!("group `{}`", shown(&name));
            let fields = Fields::of((node, key.place), &keys::GROUP, &of, mistakes);
            let given = fields.read("id", mistakes, scalars::id);
            let (place, group) = given.unwrap_or_else(|| (key.place, id_of(What::Group, &name)));
            if known.iter().any(|(_, id)| *id == group) {
                mistakes.add(place, format!("{of} has an id that another one before it has"));
            }
            known.push((&key.text, group));
            let scope = QuotaScope::Group(GroupId(group));
            let quota = quota(&fields, (&name, scope), (account, calendars), mistakes);
            if let Some((place, together)) = fields.read("together", mistakes, scalars::switch) {
                let order = Order::Group(Together { account, group, together });
                steps.push(Step { place, name, order });
            }
            steps.extend(quota);
        }
        Self { owner, known }
    }

    /// That the profile which a step made is of the group it names.
    pub(super) fn member(
        &self,
        fields: &Fields<'_>,
        (name, profile): (&str, usize),
        mistakes: &mut Mistakes,
    ) -> Option<Step> {
        let (_, node) = fields.get("group")?;
        let said = text(node, "group", fields.takes("group"), mistakes)?;
        let Some((_, group)) = self.known.iter().find(|(known, _)| *known == said) else {
            let what = format!("no group of `{}` is called `{}`", shown(self.owner), shown(said));
            mistakes.unknown(node.place, what, said, self.known.iter().map(|(known, _)| *known));
            return None;
        };
        let order = Order::Member(Member { profile, group: *group });
        Some(Step { place: node.place, name: name.to_owned(), order })
    }
}
