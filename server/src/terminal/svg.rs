//! A frame as a picture: what the terminal showed, as text in an SVG that any browser draws and any reader reads.

use std::fmt::Write as _;

use super::frame::{Frame, Paint};

/// The size of a character's cell, and the space around the text, in pixels.
const CELL: (usize, usize) = (8, 19);
const MARGIN: usize = 18;
const FONT: &str = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";

/// The SVG document. `title` is what a screen reader says first.
pub(crate) fn render(frame: &Frame, title: &str) -> String {
    let columns = frame.lines.iter().map(super::frame::Line::width).max().unwrap_or(0);
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, frame.lines.len() * CELL.1 + 2 * MARGIN);
    let mut svg = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"{FONT}\" font-size=\"13\" role=\"img\" aria-label=\"{}\">",
        escaped(title)
    );
    let _ = writeln!(svg, "<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#11161d\"/>");
    for (row, line) in frame.lines.iter().enumerate() {
        let baseline = MARGIN + row * CELL.1 + 14;
        let mut column = 0;
        for span in &line.spans {
            let length = span.text.chars().count();
            let x = MARGIN + column * CELL.0;
            column += length;
            match span.paint {
                Paint::Bar => bar(&mut svg, x, baseline, &span.text),
                Paint::Rail if length > 0 => {
                    let y = baseline - 5;
                    let width = length * CELL.0;
                    let _ =
                        writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"2\" fill=\"#263340\"/>");
                }
                paint if !span.text.trim().is_empty() => text(&mut svg, x, baseline, paint, &span.text),
                _ => {}
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// Blocks are drawn as a rectangle: fonts disagree about how wide they are.
fn bar(svg: &mut String, x: usize, baseline: usize, text: &str) {
    let eighths: usize = text.chars().map(|block| if block == '█' { 8 } else { '▐' as usize - block as usize }).sum();
    if eighths > 0 {
        let (y, width) = (baseline - 10, eighths * CELL.0 / 8);
        let _ = writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"12\" rx=\"1\" fill=\"#4fb3bf\"/>");
    }
}

fn text(svg: &mut String, x: usize, baseline: usize, paint: Paint, text: &str) {
    let leading = text.chars().take_while(|c| *c == ' ').count();
    let shown = text.trim();
    let (x, length) = (x + leading * CELL.0, shown.chars().count() * CELL.0);
    let (colour, weight) = colour(paint);
    let weight = if weight { " font-weight=\"700\"" } else { "" };
    let _ = writeln!(
        svg,
        "<text x=\"{x}\" y=\"{baseline}\" fill=\"{colour}\"{weight} textLength=\"{length}\" \
         xml:space=\"preserve\">{}</text>",
        escaped(shown)
    );
}

/// The colour, and whether it is bold.
const fn colour(paint: Paint) -> (&'static str, bool) {
    match paint {
        Paint::Plain => ("#c9d1d9", false),
        Paint::Dim => ("#7d8794", false),
        Paint::Strong => ("#f0f4f8", true),
        Paint::Title => ("#4fb3bf", true),
        Paint::Good => ("#56c271", false),
        Paint::Fair => ("#d9a441", false),
        Paint::Bad => ("#e5645c", false),
        Paint::Bar | Paint::Rail => ("#4fb3bf", false),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::frame::Line;
    use super::*;

    #[test]
    fn text_is_placed_by_its_column_and_escaped() {
        let frame = Frame { lines: vec![Line::new().dim("a").to(4).paint(Paint::Good, "x<y & z")] };
        let svg = render(&frame, "one \"row\"");
        assert!(svg.contains("<text x=\"50\" y=\"32\" fill=\"#56c271\" textLength=\"56\" xml:space=\"preserve\">x&lt;y &amp; z</text>"), "{svg}");
        assert!(svg.contains("aria-label=\"one &quot;row&quot;\""));
        assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    }

    #[test]
    fn a_bar_is_drawn_to_the_eighth() {
        let svg = render(&Frame { lines: vec![Line::new().bar(4, 19, 32)] }, "bar");
        assert!(svg.contains("width=\"19\" height=\"12\""), "2 cells and 3 eighths of 8 pixels each: {svg}");
        assert!(svg.contains("width=\"8\" height=\"2\""), "one empty cell: {svg}");
    }
}
