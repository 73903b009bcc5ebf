//! Cost against profiles, drawn: two panels with logarithmic scales, a line for each contender.
//!
//! Everything comes from `compare --json`; nothing is smoothed, and a size that was not measured is not drawn.
#![expect(clippy::float_arithmetic, reason = "places in a picture; nothing here is measured or decided")]

use std::fmt::Write as _;

use serde_json::Value;

const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 470.0;
/// Of each panel: left, right, top, bottom.
const PANELS: [(f64, f64); 2] = [(70.0, 470.0), (550.0, 950.0)];
const TOP: f64 = 60.0;
const BOTTOM: f64 = 360.0;
/// The decades shown: 10 ns to 10 ms.
const DECADES: (i32, i32) = (1, 7);
/// Colours that are told apart in print and by most eyes (Okabe and Ito, 2008).
const COLOURS: [&str; 7] = ["#000000", "#999999", "#e69f00", "#56b4e9", "#0072b2", "#cc79a7", "#d55e00"];

/// The runs in these files, smallest market first.
///
/// # Errors
///
/// A file that cannot be read, or is not what `compare --json` prints.
pub fn read(files: &[String]) -> Result<Vec<Value>, String> {
    let mut runs = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| format!("{file}: {error}"))?;
        match serde_json::from_str(&text).map_err(|error| format!("{file}: {error}"))? {
            Value::Array(several) => runs.extend(several),
            one => runs.push(one),
        }
    }
    runs.sort_by_key(|run| run["profiles"].as_u64());
    Ok(runs)
}

/// The picture of these runs.
///
/// # Errors
///
/// When a run lacks what is drawn, or there are none.
pub fn draw(runs: &[Value]) -> Result<String, String> {
    let sizes: Vec<f64> = runs.iter().map(|run| number(&run["profiles"])).collect::<Result<_, _>>()?;
    let (Some(least), Some(most)) = (sizes.first(), sizes.last()) else {
        return Err("there is nothing to draw".to_owned());
    };
    let mut names: Vec<String> = Vec::new();
    for run in runs {
        for contender in list(&run["contenders"])? {
            let name = text(&contender["name"])?;
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<title>Time of a call against profiles, ours and rivals</title>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n"
    );
    let across = Scale { low: least.log10().floor(), high: most.log10().ceil().max(least.log10().floor() + 1.0) };
    for (panel, question) in PANELS.into_iter().zip(["match-all", "top-2"]) {
        frame(&mut svg, panel, question, &across);
        for (colour, name) in COLOURS.iter().cycle().zip(&names) {
            let mut points = Vec::new();
            for run in runs {
                if let Some(nanos) = mean(run, question, name)? {
                    points.push((across.place(number(&run["profiles"])?, panel), height(nanos)));
                }
            }
            line(&mut svg, colour, name == "ours", &points);
        }
    }
    legend(&mut svg, &names);
    svg.push_str("</svg>\n");
    Ok(svg)
}

/// A logarithmic scale, in decades.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn place(&self, value: f64, (left, right): (f64, f64)) -> f64 {
        left + (value.log10() - self.low) / (self.high - self.low) * (right - left)
    }
}

fn height(nanos: f64) -> f64 {
    let (low, high) = (f64::from(DECADES.0), f64::from(DECADES.1));
    let share = (nanos.max(1.0).log10() - low) / (high - low);
    BOTTOM - share.clamp(0.0, 1.0) * (BOTTOM - TOP)
}

fn frame(svg: &mut String, (left, right): (f64, f64), question: &str, across: &Scale) {
    let title =
        if question == "top-2" { "top-2: the best two bids" } else { "match-all: every profile that wants the call" };
    let _ = writeln!(svg, "<text x=\"{left}\" y=\"36\" font-size=\"16\" font-weight=\"bold\">{title}</text>");
    for decade in DECADES.0..=DECADES.1 {
        let y = height(10_f64.powi(decade));
        let said = ["1 ns", "10 ns", "100 ns", "1 µs", "10 µs", "100 µs", "1 ms", "10 ms"][decade as usize];
        let _ = writeln!(
            svg,
            "<line x1=\"{left}\" y1=\"{y:.1}\" x2=\"{right}\" y2=\"{y:.1}\" stroke=\"#dddddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{said}</text>",
            left - 8.0,
            y + 4.0
        );
    }
    let mut decade = across.low;
    while decade <= across.high {
        let x = across.place(10_f64.powf(decade), (left, right));
        let said = match decade as u32 {
            exponent @ 0..3 => format!("{}", 10_u32.pow(exponent)),
            exponent @ 3..6 => format!("{} k", 10_u32.pow(exponent - 3)),
            exponent => format!("{} M", 10_u32.pow(exponent - 6)),
        };
        let _ = writeln!(
            svg,
            "<line x1=\"{x:.1}\" y1=\"{TOP}\" x2=\"{x:.1}\" y2=\"{BOTTOM}\" stroke=\"#eeeeee\"/>\
             <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{said}</text>",
            BOTTOM + 18.0
        );
        decade += 1.0;
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">profiles</text>",
        (left + right) / 2.0,
        BOTTOM + 38.0
    );
}

fn line(svg: &mut String, colour: &str, thick: bool, points: &[(f64, f64)]) {
    let width = if thick { 4.0 } else { 1.8 };
    let path: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>",
        path.join(" ")
    );
    for (x, y) in points {
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\" fill=\"{colour}\"/>", width + 1.0);
    }
}

fn legend(svg: &mut String, names: &[String]) {
    for (place, (colour, name)) in COLOURS.iter().cycle().zip(names).enumerate() {
        let (x, y) = (70.0 + 220.0 * (place % 4) as f64, BOTTOM + 68.0 + 24.0 * (place / 4) as f64);
        let _ = writeln!(
            svg,
            "<rect x=\"{x}\" y=\"{:.1}\" width=\"22\" height=\"6\" fill=\"{colour}\"/>\
             <text x=\"{:.1}\" y=\"{y:.1}\">{name}</text>",
            y - 8.0,
            x + 30.0
        );
    }
}

/// The mean time of a question, in nanoseconds; `None` for who did not take part.
fn mean(run: &Value, question: &str, name: &str) -> Result<Option<f64>, String> {
    let asked = list(&run["questions"])?.iter().find(|asked| asked["name"] == question);
    let asked = asked.ok_or_else(|| format!("a run does not have the question `{question}`"))?;
    let row = list(&asked["contenders"])?.iter().find(|row| row["name"] == name);
    row.map(|row| Ok(number(&row["cost"]["mean_ps"])? / 1_000.0)).transpose()
}

fn list(value: &Value) -> Result<&Vec<Value>, String> {
    value.as_array().ok_or_else(|| "this is not what `compare --json` prints: a list is missing".to_owned())
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| "this is not what `compare --json` prints: a number is missing".to_owned())
}

fn text(value: &Value) -> Result<String, String> {
    let text = value.as_str().map(str::to_owned);
    text.ok_or_else(|| "this is not what `compare --json` prints: a name is missing".to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(profiles: u64, ours: u64) -> Value {
        let row = |name: &str, mean: u64| json!({"name": name, "cost": {"mean_ps": mean}});
        let rows = json!([row("ours", ours), row("naive scan", ours * 10)]);
        json!({
            "profiles": profiles,
            "contenders": [{"name": "ours"}, {"name": "naive scan"}],
            "questions": [{"name": "match-all", "contenders": rows}, {"name": "top-2", "contenders": rows}],
        })
    }

    #[test]
    fn a_line_has_a_point_for_each_size() {
        let svg = draw(&[run(1_000, 100_000), run(10_000, 1_000_000)]).unwrap();
        assert_eq!(svg.matches("<polyline").count(), 4);
        assert_eq!(svg.matches("<circle").count(), 8);
        // 1 µs at the right edge of the first panel: a third of the way up.
        assert!(svg.contains("470.0,260.0"), "{svg}");
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        assert_eq!(draw(&[]).unwrap_err(), "there is nothing to draw");
        assert!(draw(&[json!({"profiles": 10})]).unwrap_err().contains("compare --json"));
    }
}
