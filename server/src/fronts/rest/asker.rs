//! Who asks, and whether it may: the authority resolves a request to a principal, the route to what it asks for, and the one
//! permission table says the rest.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use dce_engine::ids::AccountId;

use super::App;
use super::id::Id;
use super::problem::{Fault, Problem};
use crate::identity::authority::admit_to_route;
use crate::identity::{Action, Grant, Principal};

/// Who asks. Handlers that have one are only reached by those whose role may ask something of the route.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asker {
    principal: Principal,
}

/// Which side of a call the asker is on: what it may see of one follows from that. It follows from the permission table, so
/// that a role more needs no word here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// It may see everybody's.
    House,
    /// It sells.
    Seller,
    /// It buys.
    Buyer,
}

impl FromRequestParts<App> for Asker {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let principal = admit_to_route(app.authority(), parts)?;
        Ok(Self { principal })
    }
}

impl Asker {
    /// How far it may go with an action: the one place where the permission table is asked.
    const fn grant(&self, action: Action) -> Grant {
        self.principal.grant(action)
    }

    /// The account it speaks for.
    pub(super) const fn own(&self) -> AccountId {
        self.principal.account
    }

    /// Which side it is on.
    pub(super) fn side(&self) -> Side {
        // By the role alone: a key that is good for less is on the same side.
        if Action::QueryCall.granted_to(self.principal.role) == Grant::Any {
            Side::House
        } else if Action::QueryListing.granted_to(self.principal.role) == Grant::Own {
            Side::Seller
        } else {
            Side::Buyer
        }
    }

    /// The account this is asked for: the named one where the role reaches so far, else the asker's own.
    ///
    /// # Errors
    ///
    /// `Forbidden`, whether or not there is such an account.
    pub(super) fn account(&self, action: Action, named: Option<Id>) -> Result<AccountId, Problem> {
        let own = self.principal.account;
        let named = named.map_or(own, |id| AccountId(id.0));
        match self.grant(action) {
            Grant::Any => Ok(named),
            Grant::Own if named == own => Ok(own),
            Grant::Own | Grant::No => Err(Fault::Forbidden.into()),
        }
    }

    /// The account a list is cut to; none where the asker may see all and names nobody.
    ///
    /// # Errors
    ///
    /// As [`account`](Self::account).
    pub(super) fn scope(&self, action: Action, named: Option<Id>) -> Result<Option<AccountId>, Problem> {
        if named.is_none() && self.grant(action) == Grant::Any {
            return Ok(None);
        }
        self.account(action, named).map(Some)
    }

    /// Whether the asker may see what belongs to this account. Where not, it is as if it were not there.
    pub(super) fn sees(&self, action: Action, owner: AccountId) -> bool {
        match self.grant(action) {
            Grant::Any => true,
            Grant::Own => owner == self.principal.account,
            Grant::No => false,
        }
    }

    /// Whether it may do this for everybody.
    pub(super) fn may_for_all(&self, action: Action) -> bool {
        self.grant(action) == Grant::Any
    }

    /// The account whose calls are meant when a call is named without its seller.
    pub(super) fn own_as_seller(&self, named: Option<Id>) -> Option<AccountId> {
        if self.side() == Side::Seller { Some(self.own()) } else { named.map(|id| AccountId(id.0)) }
    }
}
