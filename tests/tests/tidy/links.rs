//! The pages of the documentation, and the links between them.

use crate::code::numbered;
use crate::files::{name_from_root, normal, root};
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Walks from both READMEs along relative links: the pages reached, and the links that lead nowhere.
pub(crate) fn follow_links() -> (BTreeSet<PathBuf>, Vec<String>) {
    let mut reached = BTreeSet::new();
    let mut broken = Vec::new();
    let mut pages = vec![root().join("README.md"), root().join("docs/README.md")];
    while let Some(page) = pages.pop() {
        if !reached.insert(page.clone()) {
            continue;
        }
        let Ok(text) = fs::read_to_string(&page) else {
            broken.push(format!("{}: this page is missing", name_from_root(&page)));
            continue;
        };
        for (number, link) in links(&text) {
            let target = normal(&page.parent().unwrap_or(&page).join(&link));
            if !target.exists() {
                broken.push(format!("{}:{number}: `{link}` leads nowhere", name_from_root(&page)));
            } else if link.ends_with(".md") {
                pages.push(target);
            }
        }
    }
    (reached, broken)
}

/// The relative links of a page, without what follows `#`, and with the line; blocks of code have none.
pub(crate) fn links(markdown: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (number, line) in numbered(markdown) {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        for (start, _) in line.match_indices("](") {
            let link = line[start + 2..].split([')', '#', ' ']).next().unwrap_or("");
            if !link.is_empty() && !link.contains("://") && !link.starts_with("mailto:") {
                found.push((number, link.to_owned()));
            }
        }
    }
    found
}
