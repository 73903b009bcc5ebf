//! Just enough reading of Rust: code apart from comments and literals, words, and the paths an import starts with.

pub(crate) fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

pub(crate) fn line_of(text: &str, offset: usize) -> usize {
    text[..offset].matches('\n').count() + 1
}

pub(crate) fn is_word_char(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Every place where the word stands by itself, as byte offsets.
pub(crate) fn words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = usize> + 't {
    text.match_indices(word).map(|(start, _)| start).filter(move |&start| {
        !text[..start].ends_with(is_word_char) && !text[start + word.len()..].starts_with(is_word_char)
    })
}

pub(crate) fn has_word(text: &str, word: &str) -> bool {
    words(text, word).next().is_some()
}

pub(crate) fn calls_macro(line: &str, name: &str) -> bool {
    words(line, name).any(|start| line[start + name.len()..].starts_with('!'))
}

/// The text with comments and the insides of literals blanked out; lines and offsets of lines stay as they are.
pub(crate) fn code_of(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = literal_or_comment(&chars, at);
        if end == at {
            out.push(chars[at]);
            at += 1;
        } else {
            // A space keeps the words on both sides apart; line ends keep the numbers right.
            out.push(' ');
            out.extend(chars[at..end].iter().filter(|c| **c == '\n'));
            at = end;
        }
    }
    out
}

/// Where the comment or literal that starts here ends; the same place when none starts here.
pub(crate) fn literal_or_comment(chars: &[char], at: usize) -> usize {
    let peek = |ahead: usize| chars.get(at + ahead).copied().unwrap_or('\0');
    let after_word = at > 0 && is_word_char(chars[at - 1]);
    match (peek(0), peek(1)) {
        ('/', '/') => (at..chars.len()).find(|&i| chars[i] == '\n').unwrap_or(chars.len()),
        ('/', '*') => block_comment_end(chars, at),
        ('"', _) => quoted_end(chars, at, '"'),
        // 'x' and '\n' are characters; 'a without a closing quote is a lifetime.
        ('\'', '\\') => quoted_end(chars, at, '\''),
        ('\'', _) if peek(2) == '\'' => at + 3,
        ('r', '"' | '#') if !after_word => raw_string_end(chars, at, at + 1),
        ('b' | 'c', 'r') if !after_word => raw_string_end(chars, at, at + 2),
        _ => at,
    }
}

pub(crate) fn block_comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut i = at;
    while i < chars.len() {
        match (chars[i], chars.get(i + 1).copied().unwrap_or('\0')) {
            ('/', '*') => {
                depth += 1;
                i += 2;
            }
            ('*', '/') => {
                depth -= 1;
                i += 2;
                if depth == 0 {
                    return i;
                }
            }
            _ => i += 1,
        }
    }
    i
}

pub(crate) fn quoted_end(chars: &[char], at: usize, quote: char) -> usize {
    let mut i = at + 1;
    while i < chars.len() && chars[i] != quote {
        i += if chars[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(chars.len())
}

pub(crate) fn raw_string_end(chars: &[char], at: usize, hashes_at: usize) -> usize {
    let hashes = chars[hashes_at..].iter().take_while(|c| **c == '#').count();
    let open = hashes_at + hashes;
    if chars.get(open) != Some(&'"') {
        return at;
    }
    let closes =
        |i: usize| chars[i] == '"' && chars[i + 1..].iter().take(hashes).filter(|c| **c == '#').count() == hashes;
    (open + 1..chars.len()).find(|&i| closes(i)).map_or(chars.len(), |i| i + 1 + hashes)
}

/// The first name after each `crate::`, with its line; a group in braces gives one for each of its members.
pub(crate) fn imports_from_the_crate(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for start in words(code, "crate") {
        let Some(rest) = code[start..].strip_prefix("crate::") else {
            continue;
        };
        // `$crate::` in a macro is the same crate; `pub(in crate::x)` names a place and imports nothing.
        if code[..start].trim_end().ends_with("(in") {
            continue;
        }
        let number = line_of(code, start);
        for name in first_names(rest) {
            found.push((number, name));
        }
    }
    found
}

/// The first name after each run of `super::`, with its line.
pub(crate) fn imports_from_above(code: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for start in words(code, "super") {
        let mut rest = &code[start..];
        while let Some(further) = rest.strip_prefix("super::") {
            rest = further;
        }
        for name in first_names(rest) {
            found.push((line_of(code, start), name));
        }
    }
    found
}

/// `a::b` gives `a`; `{a::{b, c}, d}` gives `a` and `d`.
pub(crate) fn first_names(path: &str) -> Vec<String> {
    let identifier = |text: &str| text.chars().take_while(|c| is_word_char(*c)).collect::<String>();
    let Some(group) = path.strip_prefix('{') else {
        return vec![identifier(path)];
    };
    let mut names = Vec::new();
    let mut depth = 0;
    let mut member = String::new();
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(identifier(std::mem::take(&mut member).trim())),
            other if depth == 0 => member.push(other),
            _ => {}
        }
    }
    names.push(identifier(member.trim()));
    names.retain(|name| !name.is_empty());
    names
}

/// `    Name = 1201 => "…",` gives `Name`.
pub(crate) fn variant_with_code(line: &str) -> Option<&str> {
    let (name, rest) = line.trim_start().split_once(" = ")?;
    let named = name.starts_with(|c: char| c.is_ascii_uppercase()) && name.chars().all(is_word_char);
    (named && rest.starts_with(|c: char| c.is_ascii_digit())).then_some(name)
}
