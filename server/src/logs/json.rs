//! Logs for machines: one event is one JSON object on one line, whatever is in it.
//!
//! ```json
//! {"time":"2026-11-22T17:00:00.000000Z","level":"info","msg":"call ended","call_id":"…","duration_ms":180000}
//! ```
//!
//! The fields of the spans an event stands in are its own, `correlation_id` first of all; a field of the event itself lies
//! over them. Control characters are escaped, and so are those that would turn the direction of a line on a screen.

use std::fmt::{self, Write as _};
use std::io::Write as _;

use serde_json::{Map, Value};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::LookupSpan;

/// What every line has; a field of the same name is kept under `field.NAME`.
const OWN: [&str; 3] = ["time", "level", "msg"];

/// Writes each event as a line.
#[derive(Debug)]
pub(super) struct JsonLines<W> {
    writer: W,
}

/// The fields of a span, kept with it.
struct SpanFields(Map<String, Value>);

/// Takes fields as JSON.
struct Fields<'a>(&'a mut Map<String, Value>);

impl<W> JsonLines<W> {
    pub(super) const fn to(writer: W) -> Self {
        Self { writer }
    }
}

impl<S, W> Layer<S> for JsonLines<W>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    W: for<'a> MakeWriter<'a> + 'static,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let mut fields = Map::new();
        attributes.record(&mut Fields(&mut fields));
        if let Some(span) = context.span(id) {
            span.extensions_mut().insert(SpanFields(fields));
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(SpanFields(fields)) = span.extensions_mut().get_mut()
        {
            values.record(&mut Fields(fields));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let mut fields = Map::new();
        for span in context.event_scope(event).into_iter().flat_map(tracing_subscriber::registry::Scope::from_root) {
            if let Some(SpanFields(of_span)) = span.extensions().get() {
                fields.extend(of_span.clone());
            }
        }
        event.record(&mut Fields(&mut fields));
        let line = line(event.metadata().level().as_str(), event.metadata().target(), fields);
        // Whoever reads the log is gone: there is nobody to tell.
        let _ = self.writer.make_writer_for(event.metadata()).write_all(line.as_bytes());
    }
}

/// One line with its end, written in one piece so that no other comes in between.
fn line(level: &str, target: &str, mut fields: Map<String, Value>) -> String {
    let mut time = String::new();
    // A clock before 1970 gives no time, and the line is worth having all the same.
    let _ = SystemTime.format_time(&mut Writer::new(&mut time));
    let message = fields.remove("message").unwrap_or_else(|| Value::String(String::new()));
    let mut line = String::from("{");
    let own = [Value::String(time), Value::String(level.to_ascii_lowercase()), message];
    for (name, value) in OWN.into_iter().zip(own) {
        push(&mut line, name, &value);
    }
    push(&mut line, "target", &Value::String(target.to_owned()));
    for (name, value) in &fields {
        if OWN.contains(&name.as_str()) || name == "target" {
            push(&mut line, &format!("field.{name}"), value);
        } else {
            push(&mut line, name, value);
        }
    }
    line.push_str("}\n");
    line
}

fn push(line: &mut String, name: &str, value: &Value) {
    if !line.ends_with('{') {
        line.push(',');
    }
    for part in [&Value::String(name.to_owned()), value] {
        for letter in part.to_string().chars() {
            // `serde_json` escapes control characters below a blank; these are the others that a screen obeys.
            match letter {
                '\u{7f}'..='\u{9f}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    let _ = write!(line, "\\u{:04x}", letter as u32);
                }
                _ => line.push(letter),
            }
        }
        line.push(':');
    }
    line.pop();
}

impl Visit for Fields<'_> {
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.into());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}").into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;
    use std::sync::{Arc, Mutex};
    use tracing_subscriber::layer::SubscriberExt;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl MakeWriter<'_> for Kept {
        type Writer = Self;

        fn make_writer(&self) -> Self {
            self.clone()
        }
    }

    /// The lines of what `story` logs, raw and read back.
    fn lines(story: impl FnOnce()) -> Vec<(String, Value)> {
        let kept = Kept::default();
        let subscriber = tracing_subscriber::registry().with(JsonLines::to(kept.clone()));
        tracing::subscriber::with_default(subscriber, story);
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        assert!(text.is_empty() || text.ends_with('\n'));
        text.lines().map(|line| (line.to_owned(), serde_json::from_str(line).unwrap())).collect()
    }

    #[test]
    fn a_line_has_time_level_message_and_the_fields_of_its_spans() {
        let found = lines(|| {
            let request = tracing::info_span!("request", correlation_id = "c-1", buyer_id = tracing::field::Empty);
            let _in_it = request.enter();
            request.record("buyer_id", "20");
            let inner = tracing::info_span!("inner", call_id = "7");
            inner.in_scope(|| tracing::warn!(duration_ms = 180_000_u64, call_id = "8", "call {}", "ended"));
        });
        let (raw, line) = &found[0];
        assert!(
            raw.starts_with("{\"time\":\"20") && raw.contains(",\"level\":\"warn\",\"msg\":\"call ended\","),
            "{raw}"
        );
        for (name, value) in [("correlation_id", "c-1"), ("buyer_id", "20"), ("call_id", "8")] {
            assert_eq!(line[name], value, "{raw}");
        }
        assert_eq!(line["duration_ms"], 180_000);
    }

    #[test]
    fn whatever_is_logged_one_event_is_one_line_and_reads_back() {
        let nasty = "a\r\nb\u{1b}[31m\u{0}\u{202e}c\u{2028}d\u{85}\"}{\"level\":\"fatal\" \\ \u{7f}";
        let found = lines(|| {
            tracing::error!(text = nasty, shown = %nasty, debug = ?nasty, time = "never", level = 7, target = "x", "{nasty}");
            tracing::info!("");
        });
        assert_eq!(found.len(), 2);
        let (raw, line) = &found[0];
        assert!(raw.chars().all(|letter| !letter.is_control() && !"\u{202e}\u{2028}".contains(letter)), "{raw}");
        assert_eq!((&line["text"], &line["shown"], &line["msg"]), (&nasty.into(), &nasty.into(), &nasty.into()));
        assert_eq!(
            (&line["field.time"], &line["field.level"], &line["level"]),
            (&"never".into(), &7.into(), &"error".into())
        );
        assert_eq!(found[1].1["msg"], "");
    }
}
