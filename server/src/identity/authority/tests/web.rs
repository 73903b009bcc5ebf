//! The routes, as a stranger's program meets them.

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;

const FORM: &str = "application/x-www-form-urlencoded";

struct Site {
    house: House,
    router: Router,
}

struct Said {
    status: StatusCode,
    headers: axum::http::HeaderMap,
    text: String,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

impl Site {
    fn new() -> Self {
        Self::of(House::new())
    }

    fn of(house: House) -> Self {
        let (router, _) = routes(Arc::clone(&house.authority), Duration::from_secs(5)).split_for_parts();
        Self { house, router }
    }

    async fn ask(&self, request: Request<Body>) -> Said {
        let mut request = request;
        request.extensions_mut().insert(ConnectInfo(std::net::SocketAddr::from(([10, 0, 0, 1], 5_000))));
        let response: Response<Body> = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Said { status, headers, text: String::from_utf8(bytes.to_vec()).unwrap() }
    }

    async fn send(&self, method: Method, path: &str, bearer: Option<&str>, body: Option<Value>) -> Said {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(bearer) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        let body = match body {
            Some(body) => {
                request = request.header(header::CONTENT_TYPE, "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.ask(request.body(body).unwrap()).await
    }

    async fn post_form(&self, path: &str, pairs: &[(&str, &str)]) -> Said {
        let request = Request::post(path).header(header::CONTENT_TYPE, FORM).body(Body::from(form(pairs))).unwrap();
        self.ask(request).await
    }
}

fn run(story: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(story);
}

#[test]
fn from_registration_to_a_key_by_http_alone() {
    run(async {
        let site = Site::new();
        let admin = site.house.admin_key.clone();
        let who = json!({"email": EMAIL, "password": PASSWORD});
        let said = site.send(Method::POST, "/api/v1/auth/register", None, Some(who.clone())).await;
        assert_eq!((said.status, said.json()), (StatusCode::CREATED, json!({"status": "registered"})));
        let said = site.send(Method::POST, "/api/v1/auth/login", None, Some(who)).await;
        assert_eq!((said.status, &said.headers[header::CACHE_CONTROL]), (StatusCode::OK, &"no-store".parse().unwrap()));
        let token = said.json()["access_token"].as_str().unwrap().to_owned();
        let refresh = said.json()["refresh_token"].clone();

        let said = site.send(Method::GET, "/api/v1/profile", Some(&token), None).await;
        assert_eq!((said.status, &said.json()["account"]), (StatusCode::OK, &Value::Null));
        let said = site.send(Method::POST, "/api/v1/keys", Some(&token), Some(json!({}))).await;
        assert_eq!((said.status, &said.json()["code"]), (StatusCode::FORBIDDEN, &json!(4037)));

        let people = site.send(Method::GET, "/api/v1/users", Some(&admin), None).await.json();
        let id = people["items"][0]["id"].as_str().unwrap().to_owned();
        let change = json!({"account": "10", "role": "buyer"});
        let said = site.send(Method::PATCH, &format!("/api/v1/users/{id}"), Some(&admin), Some(change)).await;
        assert_eq!(said.status, StatusCode::OK, "{}", said.text);
        let said = site.send(Method::POST, "/api/v1/keys", Some(&token), Some(json!({"scope": "bids read"}))).await;
        assert_eq!(said.status, StatusCode::CREATED, "{}", said.text);
        let key = said.json()["key"].as_str().unwrap().to_owned();
        let profile = site.send(Method::GET, "/api/v1/profile", Some(&key), None).await.json();
        assert_eq!(
            (&profile["role"], &profile["scope"], &profile["email"]),
            (&json!("buyer"), &json!("bids read"), &Value::Null)
        );
        let listed = site.send(Method::GET, "/api/v1/keys", Some(&token), None).await;
        assert!(!listed.text.contains(&key[17..]), "{}", listed.text);
        let revoke = format!("/api/v1/keys/{}", &key[4..16]);
        assert_eq!(site.send(Method::DELETE, &revoke, Some(&token), None).await.status, StatusCode::NO_CONTENT);
        assert_eq!(site.send(Method::GET, "/api/v1/profile", Some(&key), None).await.status, StatusCode::UNAUTHORIZED);

        let body = Some(json!({"refresh_token": refresh}));
        assert_eq!(site.send(Method::POST, "/api/v1/auth/refresh", None, body.clone()).await.status, StatusCode::OK);
        assert_eq!(site.send(Method::POST, "/api/v1/auth/refresh", None, body).await.status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn every_refusal_is_a_problem_and_repeats_nothing_secret() {
    run(async {
        let site = Site::new();
        let post = |body: &str| {
            let request = Request::post("/api/v1/auth/login").header(header::CONTENT_TYPE, "application/json");
            site.ask(request.body(Body::from(body.to_owned())).unwrap())
        };
        let large = format!(r#"{{"email":"{}","password":"canary-1"}}"#, "x".repeat(20_000));
        for (body, status, code) in [
            ("", 400, 4001),
            ("canary-1", 400, 4001),
            (r#"{"email":"a@b.c","password":canary-1}"#, 400, 4001),
            (r#"{"email":"a@b.c","password":["canary-1"]}"#, 422, 4004),
            (r#"{"email":"a@b.c","password":"canary-1","canary-1":1}"#, 422, 4002),
            (r#"{"email":"a@b.c","password":"canary-1","password":"canary-1"}"#, 422, 4004),
            (r#"{"email":"a@b.c"}"#, 422, 4003),
            (&large, 413, 4005),
        ] {
            let said = post(body).await;
            assert_eq!((said.status.as_u16(), &said.json()["code"]), (status, &json!(code)), "{}", said.text);
            assert_eq!(said.headers[header::CONTENT_TYPE], "application/problem+json");
            assert!(!said.text.contains("canary"), "{}", said.text);
        }
        let wrong = post(r#"{"email":"a@b.c","password":"canary-1"}"#).await;
        assert_eq!((wrong.status, &wrong.json()["code"]), (StatusCode::UNAUTHORIZED, &json!(4035)));
        for bearer in [None, Some(""), Some("canary-2"), Some("dce_canary-2")] {
            let said = site.send(Method::GET, "/api/v1/users", bearer, None).await;
            assert_eq!(said.status, StatusCode::UNAUTHORIZED);
            assert!(said.headers.contains_key(header::WWW_AUTHENTICATE) && !said.text.contains("canary"));
        }
        let twice = Request::get("/api/v1/users")
            .header(header::AUTHORIZATION, format!("Bearer {}", site.house.admin_key))
            .header(header::AUTHORIZATION, "Bearer other");
        assert_eq!(site.ask(twice.body(Body::empty()).unwrap()).await.status, StatusCode::UNAUTHORIZED);
    });
}

#[test]
fn one_who_asks_too_often_waits_whoever_it_says_it_is() {
    run(async {
        let rate_limit = RateLimit { requests_per_second: 1, burst_size: 3 };
        let site = Site::of(House::with(SecuritySettings { rate_limit, ..security() }));
        for _ in 0..3 {
            let said = site.send(Method::GET, "/.well-known/jwks.json", None, None).await;
            assert_eq!(said.status, StatusCode::OK);
        }
        let request = Request::get("/.well-known/jwks.json").header("x-forwarded-for", "10.9.9.9");
        let said = site.ask(request.body(Body::empty()).unwrap()).await;
        assert_eq!(said.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!((&said.headers[header::RETRY_AFTER], &said.json()["code"]), (&"1".parse().unwrap(), &json!(4031)));
    });
}

#[test]
fn the_documents_are_where_clients_look_and_the_token_endpoint_speaks_the_standard() {
    run(async {
        let site = Site::new();
        let (id, secret) = site.house.client(&[]);
        let metadata = site.send(Method::GET, "/.well-known/oauth-authorization-server", None, None).await.json();
        assert_eq!(metadata["jwks_uri"], format!("{ISSUER}/.well-known/jwks.json"));
        let keys = site.send(Method::GET, "/.well-known/jwks.json", None, None).await;
        assert_eq!(keys.headers[header::CONTENT_TYPE], "application/jwk-set+json");
        let pairs = [("grant_type", "client_credentials"), ("client_id", &*id), ("client_secret", &*secret)];
        let token = site.post_form("/oauth/token", &pairs).await;
        assert_eq!((token.status, &token.json()["token_type"]), (StatusCode::OK, &json!("Bearer")));
        let wrong = site.post_form("/oauth/token", &[pairs[0], pairs[1], ("client_secret", "canary")]).await;
        assert_eq!((wrong.status, &wrong.json()["error"]), (StatusCode::UNAUTHORIZED, &json!("invalid_client")));
        assert!(wrong.headers.contains_key(header::WWW_AUTHENTICATE) && !wrong.text.contains("canary"));
        let json = Request::post("/oauth/token").header(header::CONTENT_TYPE, "application/json");
        let said = site.ask(json.body(Body::from("{}")).unwrap()).await;
        assert_eq!((said.status, &said.json()["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_request")));
    });
}

#[test]
fn the_page_shows_what_is_asked_and_runs_nothing_of_it() {
    run(async {
        let site = Site::new();
        site.house.person(EMAIL, "buyer", Some("10"));
        let (id, _) = site.house.client(&["https://app.example.com/cb"]);
        let state = "\"><script>alert(1)</script>";
        let pairs = [
            ("response_type", "code"),
            ("client_id", &*id),
            ("redirect_uri", "https://app.example.com/cb"),
            ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            ("code_challenge_method", "S256"),
            ("state", state),
        ];
        let query = String::from_utf8(form(&pairs)).unwrap();
        let page = site.send(Method::GET, &format!("/oauth/authorize?{query}"), None, None).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.text.contains("Dialer &lt;b&gt;") && !page.text.contains("<script"), "{}", page.text);
        assert!(page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().contains("default-src 'none'"));
        assert_eq!(page.headers[header::X_FRAME_OPTIONS], "DENY");
        let wrong = [&pairs[..], &[("email", EMAIL), ("password", "canary-password")]].concat();
        let again = site.post_form("/oauth/authorize", &wrong).await;
        assert_eq!(again.status, StatusCode::UNAUTHORIZED);
        assert!(again.text.contains("is wrong") && !again.text.contains("canary") && !again.text.contains(EMAIL));
        let right = [&pairs[..], &[("email", EMAIL), ("password", PASSWORD)]].concat();
        let sent = site.post_form("/oauth/authorize", &right).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER);
        let place = sent.headers[header::LOCATION].to_str().unwrap();
        assert!(place.starts_with("https://app.example.com/cb?code=") && !place.contains('<'), "{place}");
        let unknown =
            site.send(Method::GET, "/oauth/authorize?client_id=x&redirect_uri=https://evil.example", None, None);
        let unknown = unknown.await;
        assert_eq!(unknown.status, StatusCode::BAD_REQUEST);
        assert!(!unknown.headers.contains_key(header::LOCATION));
    });
}
