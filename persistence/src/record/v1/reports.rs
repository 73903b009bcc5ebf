//! What the seller's switch reports, and the passing of time.

use dce_engine::commands::{
    ReportAnswered, ReportDropped, ReportEnded, ReportFailed, ReportRejected, ReportRinging, Tick,
};
use dce_engine::ids::{AccountId, CallId};
use dce_engine::reason::Reason;
use rkyv::{Archive, Serialize};

use super::terms::{LegReportV1, StampV1};
use super::{Body, Lists, Packed, put, whole};

/// Of a report that says no more than that it happened.
#[derive(Archive, Serialize)]
struct ReportV1 {
    seller: u128,
    call: u128,
    report: LegReportV1,
    stamp: StampV1,
}

macro_rules! report_only {
    ($($name:ident),+) => {
        $(impl Body<'_> for $name {
            fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
                let &Self { seller, call, report, stamp } = self;
                let (report, stamp) = (LegReportV1::of(report), StampV1::of(stamp));
                put(&ReportV1 { seller: seller.0, call: call.0, report, stamp }, record);
            }

            fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
                let v1 = whole::<ArchivedReportV1>(body)?;
                Some(Self {
                    seller: AccountId(v1.seller.to_native()),
                    call: CallId(v1.call.to_native()),
                    report: v1.report.read(),
                    stamp: v1.stamp.read(),
                })
            }
        })+
    };
}

report_only!(ReportRinging, ReportAnswered, ReportEnded, ReportDropped, ReportRejected);

#[derive(Archive, Serialize)]
struct ReportFailedV1 {
    seller: u128,
    call: u128,
    report: LegReportV1,
    /// The reason's stable code.
    failure: u16,
    stamp: StampV1,
}

impl Body<'_> for ReportFailed {
    fn write(&self, record: &mut Vec<u8>, _: &mut Packed) {
        let &Self { seller, call, report, failure, stamp } = self;
        let v1 = ReportFailedV1 {
            seller: seller.0,
            call: call.0,
            report: LegReportV1::of(report),
            failure: failure.code(),
            stamp: StampV1::of(stamp),
        };
        put(&v1, record);
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        let v1 = whole::<ArchivedReportFailedV1>(body)?;
        Some(Self {
            seller: AccountId(v1.seller.to_native()),
            call: CallId(v1.call.to_native()),
            report: v1.report.read(),
            failure: Reason::from_code(v1.failure.to_native())?,
            stamp: v1.stamp.read(),
        })
    }
}

/// A tick's body is empty: when it was applied stands beside every record.
impl Body<'_> for Tick {
    fn write(&self, _: &mut Vec<u8>, _: &mut Packed) {
        let &Self = self;
    }

    fn read(body: &[u8], _: &mut Lists) -> Option<Self> {
        body.is_empty().then_some(Self)
    }
}
