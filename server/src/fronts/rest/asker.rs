//! Who asks, and whether it may: a bearer key or token resolves to a principal, the route to what it asks for, and the one
//! permission table says the rest. A client certificate will resolve to the same principal, here.

use std::collections::HashMap;
use std::sync::OnceLock;

use axum::extract::{FromRequestParts, MatchedPath};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use dce_engine::ids::AccountId;

use super::App;
use super::id::Id;
use super::problem::{Fault, Problem};
use super::router::PREFIX;
use crate::identity::authority::{Denied, admit};
use crate::identity::{Action, Grant, Principal};
use crate::surface;

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
        let principal = admit(app.authority(), parts).map_err(|denied| refused(parts, &denied))?;
        let path = parts.extensions.get::<MatchedPath>().map_or("", MatchedPath::as_str);
        let route = format!("{} {}", parts.method, path.strip_prefix(PREFIX).unwrap_or(path));
        // What has no entry cannot be asked.
        let actions = actions().get(route.as_str()).ok_or(Fault::Forbidden)?;
        let asker = Self { principal };
        let granted = actions.iter().any(|action| asker.grant(*action) != Grant::No);
        if granted { Ok(asker) } else { Err(Fault::Forbidden.into()) }
    }
}

/// Why somebody was not let in, in the words of this front.
fn refused(parts: &Parts, denied: &Denied) -> Problem {
    match denied {
        Denied::TokenInvalid if !shows_bearer(parts) => Fault::CredentialsMissing.into(),
        Denied::TokenInvalid => Fault::CredentialsWrong.into(),
        Denied::TooMany { .. } => Problem::from(Fault::TooManyRequests).because(&denied.to_string()),
        Denied::Store => Fault::IdentityUnavailable.into(),
        Denied::TokenExpired => Problem::from(Fault::CredentialsWrong).because(&denied.to_string()),
        _ => Problem::from(Fault::Forbidden).because(&denied.to_string()),
    }
}

/// Whether anything stands behind `Bearer`.
fn shows_bearer(parts: &Parts) -> bool {
    let said = parts.headers.get(AUTHORIZATION).and_then(|said| said.to_str().ok());
    let scheme = said.and_then(|said| said.split_once(' ')).map(|(scheme, _)| scheme);
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
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

/// What each route asks for, from the surface table.
fn actions() -> &'static HashMap<&'static str, Vec<Action>> {
    static ACTIONS: OnceLock<HashMap<&'static str, Vec<Action>>> = OnceLock::new();
    ACTIONS.get_or_init(|| {
        let mut actions: HashMap<&'static str, Vec<Action>> = HashMap::new();
        for (action, route) in surface::routes() {
            actions.entry(route).or_default().push(action);
        }
        actions
    })
}
