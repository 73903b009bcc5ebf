//! A server with a seller, 64 buyers who bid standing, and a token of the seller's own program.

use std::cell::Cell;
use std::error::Error;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dce_benches::samples::Slice;
use dce_engine::prelude::*;
use dce_runtime::Durability;
use dce_server::Server;
use dce_server::config::RateLimit;
use dce_server::identity::Role;
use dce_server::identity::authority::ClientRequest;

use crate::line::Asking;

const WEB: AccountId = AccountId(1_000);
const BUYERS: u128 = 64;
const STATE: AttributeId = AttributeId(0);
const AGE: AttributeId = AttributeId(1);
const AREA: AttributeId = AttributeId(2);
/// How long a destination rings: nobody answers, so that calls do not pile up.
const RING: Millis = Millis(400);
/// What an offer says before its id, and behind it.
const BODY: (&str, &str) =
    (r#"{"id":""#, r#"","listing_id":"1","caller":"+12065550100","facts":{"state":"CA","age":"44"},"route":true}"#);

/// The exchange.
pub(crate) struct Market {
    /// In this order: the server stops, then its folder goes.
    server: Server,
    dir: tempfile::TempDir,
    token: String,
    calls: Calls,
}

/// Ids of calls that were not offered yet, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Calls(Rc<Cell<u64>>);

/// What the rival has to know to check the same token behind the same certificate.
pub(crate) struct Published {
    pub(crate) jwks: Vec<u8>,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) certificate: PathBuf,
    pub(crate) private_key: PathBuf,
}

impl Market {
    pub(crate) fn open(under: &Path, durability: Durability) -> Result<Self, Box<dyn Error>> {
        let dir = tempfile::tempdir_in(under)?;
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let (calls_max, calls_live_max, retention) = (1 << 21, 1 << 16, Seconds(3_600));
        let limits = Limits { accounts_max: 128, calls_max, calls_live_max, retention, ..Limits::small() };
        // What is measured is not how often one may ask.
        let rate = RateLimit { requests_per_second: 10_000_000, burst_size: 10_000_000 };
        let server = Server::builder()
            .dir(dir.path())
            .listen(any)
            .rest(any)
            .limits(limits)
            .durability(durability)
            .rate_limit(rate)
            .notices(|_| {})
            .start()?;
        let handle = server.handle();
        for command in opening() {
            handle.submit(&command)?.wait().result.map_err(|refusal| format!("{command:?}: {refusal:?}"))?;
        }
        let token = token(&server)?;
        Ok(Self { server, dir, token, calls: Calls::default() })
    }

    /// Where it is asked over HTTP.
    pub(crate) fn address(&self) -> Result<SocketAddr, Box<dyn Error>> {
        Ok(self.server.rest_address().ok_or("there is no REST front")?)
    }

    pub(crate) fn asking(&self) -> Asking {
        Asking::new(&self.token, BODY)
    }

    pub(crate) fn published(&self) -> Published {
        let (issuer, audience) = issued(&self.token);
        Published {
            jwks: self.server.authority().jwks(),
            issuer,
            audience,
            certificate: self.server.certificate().to_owned(),
            private_key: self.dir.path().join("identity/certificate-key.pem"),
        }
    }

    pub(crate) fn calls(&self) -> Calls {
        self.calls.clone()
    }

    /// The same offer from within the process, one after the other.
    pub(crate) fn offer_within(&self, slice: &mut Slice) -> Result<(), Box<dyn Error>> {
        let handle = self.server.handle();
        let facts = [Fact::value(STATE, ValueCode(1)), Fact::number(AGE, 44), Fact::value(AREA, ValueCode(1))];
        loop {
            let call = CallId(self.calls.next());
            let mut offer = OfferCall::new(WEB, call, ListingId(1));
            (offer.subject, offer.facts) = (SubjectId(7), List::borrowed(&facts));
            let asked = Instant::now();
            handle.submit(&offer.into())?.wait().result.map_err(|refusal| format!("{refusal:?}"))?;
            if !slice.answered(asked) {
                return Ok(());
            }
        }
    }

    /// The journal's own time for a batch so far: the median.
    pub(crate) fn journal_p50(&self) -> u64 {
        self.server.gauges().commit_latency().percentile(500)
    }

    /// How many deliveries a thread missed: none, or what was measured is not the whole server.
    pub(crate) fn missed(&self) -> u64 {
        self.server.gauges().missed()
    }

    pub(crate) fn close(self) -> Result<(), Box<dyn Error>> {
        self.server.stop()?;
        Ok(())
    }
}

impl Calls {
    pub(crate) fn next(&self) -> u128 {
        self.0.set(self.0.get() + 1);
        CallId::at(now(), self.0.get()).0
    }
}

/// A market: three attributes, a listing, and as many bids.
fn opening() -> Vec<Command<'static>> {
    let mut commands: Vec<Command<'static>> = vec![
        DeclareAttribute::category(STATE, "state", 60).into(),
        DefineValue::new(STATE, ValueCode(1), "CA").into(),
        DeclareAttribute::integer(AGE, "age", 0, 18, 99).into(),
        DeclareAttribute::category(AREA, "area_code", 100).into(),
        DefineValue::new(AREA, ValueCode(1), "206").into(),
        OpenAccount::seller(WEB).into(),
        CreateListing::of(WEB, ListingId(1)).into(),
    ];
    for buyer in (1..=BUYERS).map(AccountId) {
        commands.push(OpenAccount::buyer(buyer).deposit(Money::from_units(1_000_000)).into());
        let bid = Money::from_micros(2_000_000 + i64::try_from(buyer.0).unwrap_or_default() * 10_000);
        let profile = CreateProfile::of(buyer, ProfileId(1)).bid(bid).dial(b"+18005550100", RING);
        commands.push(profile.into());
    }
    commands
}

/// A token of a program that sells.
fn token(server: &Server) -> Result<String, Box<dyn Error>> {
    let (authority, now) = (server.authority(), now().micros() / 1_000_000);
    let admin = authority.verify(server.create_key(AccountId(0), Role::Admin)?.expose(), now)?;
    let request = ClientRequest {
        name: "dialer".to_owned(),
        role: "seller".to_owned(),
        account: WEB.0.to_string(),
        scope: "calls read".to_owned(),
        redirect_uris: Vec::new(),
        confidential: true,
    };
    let made = authority.create_client(&admin, &request, now)?;
    let secret = serde_json::to_value(&made)?["client_secret"].as_str().unwrap_or_default().to_owned();
    let form = format!("grant_type=client_credentials&client_id={}&client_secret={secret}", made.client_id);
    let answer = authority.token(form.as_bytes(), None, now)?;
    Ok(serde_json::to_value(&answer)?["access_token"].as_str().ok_or("an answer without a token")?.to_owned())
}

/// Who issued a token, and for whom.
fn issued(token: &str) -> (String, String) {
    let claims = jsonwebtoken::dangerous::insecure_decode::<serde_json::Value>(token);
    let claims = claims.map(|token| token.claims).unwrap_or_default();
    let text = |name: &str| claims[name].as_str().unwrap_or_default().to_owned();
    (text("iss"), text("aud"))
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp::from_micros(u64::try_from(since.as_micros()).unwrap_or_default())
}
