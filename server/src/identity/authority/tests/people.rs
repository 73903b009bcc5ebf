//! People: registered, let in, kept in, and shut out.

use super::*;

fn registers(house: &House, email: &str, change: impl FnOnce(&mut RegisterRequest)) -> Result<RegisterAnswer, Denied> {
    let mut request =
        RegisterRequest { email: Hidden::new(email), password: Hidden::new(PASSWORD), role: None, account: None };
    change(&mut request);
    house.authority.register(&request, None, NOW)
}

#[test]
fn somebody_registers_gets_an_account_trades_and_is_closed() {
    let house = House::new();
    assert_eq!(registers(&house, EMAIL, |_| {}), Ok(RegisterAnswer { id: None, status: "registered" }));
    let token = house.login("Jo@Example.com", PASSWORD).unwrap();
    assert_eq!((token.token_type, token.expires_in), ("Bearer", 900));
    assert_eq!(house.verify(&token), Err(Denied::NoAccount));
    let profile = house.authority.profile(token.access_token.expose(), NOW).unwrap();
    assert_eq!((profile.role, &profile.account, profile.email.unwrap().expose()), ("buyer", &None, EMAIL));

    let id = house.authority.people(&house.admin, "").unwrap()[0].id.clone();
    let change = PersonChange { account: Some("10".to_owned()), ..PersonChange::default() };
    house.authority.change_person(&house.admin, &id, &change).unwrap();
    let principal = house.verify(&token).unwrap();
    assert_eq!((principal.account, principal.role, principal.scopes), (AccountId(10), Role::Buyer, Scopes::ALL));

    // A role counts from the moment it is given, in tokens that are older, too.
    let change = PersonChange { role: Some("auditor".to_owned()), ..PersonChange::default() };
    house.authority.change_person(&house.admin, &id, &change).unwrap();
    assert_eq!(house.verify(&token).unwrap().role, Role::Auditor);

    let change = PersonChange { closed: Some(true), ..PersonChange::default() };
    house.authority.change_person(&house.admin, &id, &change).unwrap();
    assert_eq!(house.verify(&token), Err(Denied::TokenInvalid));
    assert_eq!(house.refresh(&token), Err(Denied::RefreshInvalid));
    assert_eq!(house.login(EMAIL, PASSWORD), Err(Denied::CredentialsWrong));
    let change = PersonChange { closed: Some(false), ..PersonChange::default() };
    house.authority.change_person(&house.admin, &id, &change).unwrap();
    assert_eq!(house.verify(&token), Err(Denied::TokenInvalid), "what was given out before stays closed");
    assert!(house.login(EMAIL, PASSWORD).is_ok());
}

#[test]
fn who_registers_itself_gives_itself_nothing_and_learns_nothing() {
    let house = House::new();
    house.person(EMAIL, "seller", Some("20"));
    assert_eq!(registers(&house, EMAIL, |_| {}).unwrap().status, "registered");
    assert_eq!(house.authority.people(&house.admin, "").unwrap().len(), 1, "the one that was there stays");
    for role in ["admin", "operator", "auditor", "service", "root"] {
        let refused = registers(&house, "a@b.c", |request| request.role = Some(role.to_owned()));
        assert!(matches!(refused, Err(Denied::Field { .. })), "{role}");
    }
    let refused = registers(&house, "a@b.c", |request| request.account = Some("20".to_owned()));
    assert!(matches!(refused, Err(Denied::Field { field: "account", .. })));
    for email in ["", "a", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\n", &format!("a@{}", "b".repeat(260))] {
        let refused = registers(&house, email, |_| {});
        assert!(matches!(refused, Err(Denied::Field { field: "email", .. })), "{email}");
    }
    let closed = House::with(SecuritySettings { registration: false, ..security() });
    assert_eq!(registers(&closed, EMAIL, |_| {}), Err(Denied::RegistrationClosed));
    closed.person(EMAIL, "buyer", None);
}

#[test]
fn nobody_but_an_admin_says_who_may_do_what() {
    let house = House::new();
    let id = house.person(EMAIL, "operator", Some("0"));
    let operator = house.verify(&house.login(EMAIL, PASSWORD).unwrap()).unwrap();
    let change = PersonChange { role: Some("admin".to_owned()), ..PersonChange::default() };
    assert_eq!(house.authority.change_person(&operator, &id, &change), Err(Denied::Forbidden));
    assert_eq!(house.authority.people(&operator, ""), Err(Denied::Forbidden));
    let request = RegisterRequest {
        email: Hidden::new("a@b.c"),
        password: Hidden::new(PASSWORD),
        role: Some("admin".to_owned()),
        account: None,
    };
    assert!(house.authority.register(&request, Some(&operator), NOW).is_err());
    let mut scoped = house.admin;
    scoped.scopes = Scopes::NONE.with(Scope::Read);
    assert_eq!(house.authority.change_person(&scoped, &id, &change), Err(Denied::Forbidden));
    assert!(house.authority.change_person(&house.admin, "nobody000000", &change).is_err());
}

#[test]
fn a_refresh_token_is_good_once_and_a_copy_of_it_ends_the_login() {
    let house = House::new();
    house.person(EMAIL, "buyer", Some("10"));
    let first = house.login(EMAIL, PASSWORD).unwrap();
    let second = house.refresh(&first).unwrap();
    let third = house.refresh(&second).unwrap();
    assert!(house.verify(&third).is_ok());
    assert_eq!(house.refresh(&first), Err(Denied::RefreshInvalid), "somebody has a copy");
    assert_eq!(house.refresh(&third), Err(Denied::RefreshInvalid), "so all of it ends");

    let other = house.login(EMAIL, PASSWORD).unwrap();
    house.authority.logout(other.refresh_token.as_ref().unwrap().expose()).unwrap();
    assert_eq!(house.refresh(&other), Err(Denied::RefreshInvalid));
    let late = house.login(EMAIL, PASSWORD).unwrap();
    let refresh_token = late.refresh_token.unwrap();
    let late = house.authority.refresh(&RefreshRequest { refresh_token }, NOW + 86_400);
    assert_eq!(late, Err(Denied::RefreshInvalid));
    for wrong in ["", "dcr_", &format!("dcr_{}_{}", "0".repeat(12), "0".repeat(40))] {
        let refused = house.authority.refresh(&RefreshRequest { refresh_token: Hidden::new(wrong) }, NOW);
        assert_eq!(refused, Err(Denied::RefreshInvalid));
    }
}

#[test]
fn another_password_ends_every_login_and_token() {
    let house = House::new();
    house.person(EMAIL, "buyer", Some("10"));
    let token = house.login(EMAIL, PASSWORD).unwrap();
    let change = |password: &str, new: &str| {
        let request = PasswordRequest { password: Hidden::new(password), new_password: Hidden::new(new) };
        house.authority.change_password(token.access_token.expose(), &request, NOW)
    };
    assert_eq!(change("wrong", "another good password"), Err(Denied::CredentialsWrong));
    assert!(matches!(change(PASSWORD, "short"), Err(Denied::Field { field: "password", .. })));
    assert_eq!(change(PASSWORD, "another good password"), Ok(()));
    assert_eq!(house.verify(&token), Err(Denied::TokenInvalid));
    assert_eq!(house.refresh(&token), Err(Denied::RefreshInvalid));
    assert!(house.login(EMAIL, "another good password").is_ok());
}

#[test]
fn passwords_are_tried_a_few_times_only_and_nobody_else_is_kept_out() {
    let house = House::new();
    house.person(EMAIL, "buyer", Some("10"));
    house.person("other@example.com", "buyer", Some("11"));
    for _ in 0..5 {
        assert_eq!(house.login("JO@example.com", "wrong"), Err(Denied::CredentialsWrong));
    }
    assert!(matches!(house.login(EMAIL, PASSWORD), Err(Denied::TooMany { .. })));
    assert!(house.login("other@example.com", PASSWORD).is_ok());
    for _ in 0..5 {
        assert_eq!(house.login("nobody@example.com", "wrong"), Err(Denied::CredentialsWrong));
    }
    assert!(
        matches!(house.login("nobody@example.com", "wrong"), Err(Denied::TooMany { .. })),
        "as if it were somebody"
    );
}

#[test]
fn api_keys_are_good_for_no_more_than_who_makes_them() {
    let house = House::new();
    house.person(EMAIL, "seller", Some("20"));
    let seller = house.verify(&house.login(EMAIL, PASSWORD).unwrap()).unwrap();
    let key = |by: &Principal, role: Option<&str>, account: Option<&str>, scope: Option<&str>| {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let request = KeyRequest { role: own(role), account: own(account), scope: own(scope) };
        house.authority.create_key(by, &request)
    };
    let made = key(&seller, None, None, Some("calls read")).unwrap();
    let whole = made.key.unwrap();
    let principal = house.authority.verify(whole.expose(), NOW).unwrap();
    assert_eq!((principal.account, principal.role), (AccountId(20), Role::Seller));
    assert_eq!(key(&principal, None, None, None), Err(Denied::Forbidden), "a key without the scope makes no keys");
    for (role, account, scope) in
        [(Some("admin"), None, None), (None, Some("21"), None), (Some("operator"), Some("0"), None)]
    {
        assert_eq!(key(&seller, role, account, scope), Err(Denied::Forbidden));
    }
    assert!(key(&house.admin, Some("buyer"), Some("10"), None).is_ok());
    let mut narrow = seller;
    narrow.scopes = Scopes::NONE.with(Scope::Identity).with(Scope::Read);
    assert_eq!(key(&narrow, None, None, Some("calls")), Err(Denied::Forbidden));
    assert_eq!(key(&narrow, None, None, None).unwrap().scope, "read identity");

    // Whose keys there are is nobody else's to know.
    let seen = house.authority.api_keys(&seller).unwrap();
    assert!(seen.iter().all(|key| key.account == "20" && key.key.is_none()) && seen.len() == 2);
    let admins = house.authority.api_keys(&house.admin).unwrap();
    let foreign = admins.iter().find(|key| key.account == "10").unwrap();
    assert_eq!(house.authority.revoke_key(&seller, &foreign.prefix), Err(Denied::Unknown("key")));
    house.authority.revoke_key(&seller, &made.prefix).unwrap();
    assert_eq!(house.authority.verify(whole.expose(), NOW), Err(Denied::TokenInvalid));
}
