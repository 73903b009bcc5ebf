//! What a setting belongs to: some of it is not in every build, and some in none yet.

/// A part of the program that settings are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// What every build has.
    Core,
    /// The REST front and the identity of people and programs.
    Rest,
    /// Traces over OTLP.
    Otel,
    /// The gRPC front.
    Grpc,
    /// Read models in PostgreSQL.
    Postgres,
    /// Redis.
    Redis,
    /// Telephony over SIP.
    Sip,
    /// Compliance as a setting.
    Compliance,
}

impl Feature {
    /// Its name, which is the cargo feature's where there is one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Core => "core",
            Self::Rest => "rest",
            Self::Otel => "otel",
            Self::Grpc => "grpc",
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Sip => "sip",
            Self::Compliance => "compliance",
        }
    }

    /// Whether this program has it.
    #[must_use]
    pub const fn is_built(self) -> bool {
        match self {
            Self::Core => true,
            Self::Rest => cfg!(feature = "rest"),
            Self::Otel => cfg!(feature = "otel"),
            Self::Grpc | Self::Postgres | Self::Redis | Self::Sip | Self::Compliance => false,
        }
    }

    /// What whoever set something of it can do when it is not built.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Core => "it is always built",
            Self::Rest => "build with `--features rest`",
            Self::Otel => "build with `--features otel`",
            Self::Compliance => {
                "nothing is screened because of it: what decides an outcome is in the log, and is set for each listing by \
                 a plan (docs/plan.md)"
            }
            Self::Grpc | Self::Postgres | Self::Redis | Self::Sip => {
                "no build has it yet: leave it out, or leave it in for later"
            }
        }
    }
}
