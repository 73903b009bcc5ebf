//! What the document says beside the routes: OpenAPI 3.1, made from this code.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement};

use super::problem::Problem;

/// The name of the scheme by which keys are sent.
const SCHEME: &str = "key";

/// The document without its paths.
pub(super) fn describe() -> OpenApi {
    let info = InfoBuilder::new()
        .title("dce")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "The call exchange over HTTP. Amounts are decimal strings in the exchange's one currency; ids are scoped to \
             the account that chose them; every answer carries the `sequence` of the log it shows, and a read waits for \
             `min_sequence`. Refusals are problem details (RFC 9457) with stable codes.",
        ))
        .build();
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let components = ComponentsBuilder::new().security_scheme(SCHEME, scheme).schema_from::<Problem>().build();
    OpenApiBuilder::new()
        .info(info)
        .components(Some(components))
        .security(Some([SecurityRequirement::new(SCHEME, Vec::<String>::new())]))
        .build()
}
