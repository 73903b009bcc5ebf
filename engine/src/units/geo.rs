//! Places on the earth in integers: no float decides who is inside a radius.
//!
//! Distance is taken on the equirectangular projection at the centre's latitude (J. P. Snyder, "Map Projections: A
//! Working Manual", USGS Professional Paper 1395, 1987, p. 90): within the few hundred kilometres a buyer serves it is
//! off by well under one per cent, and it is exact arithmetic on integers.

/// A distance in metres.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Metres(pub u32);

impl Metres {
    /// The widest radius a profile may ask for: 500 km.
    pub const RADIUS_MAX: Self = Self(500_000);
}

/// A place in millionths of a degree: latitude north, longitude east.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GeoPoint {
    /// North of the equator, in microdegrees, −90,000,000..=90,000,000.
    pub latitude_micro: i32,
    /// East of Greenwich, in microdegrees, −180,000,000..=180,000,000.
    pub longitude_micro: i32,
}

/// A degree of a great circle, in metres, on a sphere of the earth's mean radius (6,371,009 m).
const METRES_PER_DEGREE: i64 = 111_195;
const MICRO_PER_DEGREE: i64 = 1_000_000;
const Q30: u32 = 30;

impl GeoPoint {
    /// From microdegrees.
    #[must_use]
    pub const fn new(latitude_micro: i32, longitude_micro: i32) -> Self {
        Self { latitude_micro, longitude_micro }
    }

    /// Whether the coordinates lie on the globe.
    #[must_use]
    pub const fn is_valid(self) -> bool {
        self.latitude_micro.unsigned_abs() <= 90_000_000 && self.longitude_micro.unsigned_abs() <= 180_000_000
    }

    /// Whether `other` lies within `radius` of this point, the border included.
    #[must_use]
    pub const fn reaches(self, other: Self, radius: Metres) -> bool {
        let north = (self.latitude_micro as i64 - other.latitude_micro as i64).abs();
        let mut east = (self.longitude_micro as i64 - other.longitude_micro as i64).abs();
        if east > 180 * MICRO_PER_DEGREE {
            east = 360 * MICRO_PER_DEGREE - east;
        }
        let east = (east * cosine_q30(self.latitude_micro)) >> Q30;
        let radius = radius.0 as i64 * MICRO_PER_DEGREE / METRES_PER_DEGREE;
        (north as i128 * north as i128 + east as i128 * east as i128) <= radius as i128 * radius as i128
    }

    /// How far north or south of this point `radius` reaches, in microdegrees: the index buckets by it.
    #[must_use]
    pub const fn reach_micro(radius: Metres) -> i64 {
        radius.0 as i64 * MICRO_PER_DEGREE / METRES_PER_DEGREE
    }
}

/// The cosine of a latitude in microdegrees, times 2³⁰, by straight lines between whole degrees (off by < 0.00004).
const fn cosine_q30(latitude_micro: i32) -> i64 {
    let latitude = latitude_micro.unsigned_abs() as i64;
    let degree = latitude / MICRO_PER_DEGREE;
    if degree >= 90 {
        return 0;
    }
    let low = COSINE_Q30[degree as usize];
    let high = COSINE_Q30[degree as usize + 1];
    low + (high - low) * (latitude % MICRO_PER_DEGREE) / MICRO_PER_DEGREE
}

/// round(cos(d°) × 2³⁰) for d in 0..=90.
const COSINE_Q30: [i64; 91] = [
    1_073_741_824,
    1_073_578_288,
    1_073_087_729,
    1_072_270_298,
    1_071_126_243,
    1_069_655_912,
    1_067_859_754,
    1_065_738_315,
    1_063_292_242,
    1_060_522_280,
    1_057_429_273,
    1_054_014_162,
    1_050_277_989,
    1_046_221_891,
    1_041_847_103,
    1_037_154_959,
    1_032_146_887,
    1_026_824_413,
    1_021_189_159,
    1_015_242_840,
    1_008_987_269,
    1_002_424_350,
    995_556_083,
    988_384_560,
    980_911_966,
    973_140_576,
    965_072_759,
    956_710_970,
    948_057_759,
    939_115_760,
    929_887_697,
    920_376_381,
    910_584_710,
    900_515_665,
    890_172_315,
    879_557_810,
    868_675_383,
    857_528_349,
    846_120_104,
    834_454_122,
    822_533_958,
    810_363_241,
    797_945_680,
    785_285_058,
    772_385_229,
    759_250_125,
    745_883_746,
    732_290_163,
    718_473_518,
    704_438_018,
    690_187_940,
    675_727_625,
    661_061_475,
    646_193_961,
    631_129_609,
    615_873_009,
    600_428_808,
    584_801_711,
    568_996_477,
    553_017_922,
    536_870_912,
    520_560_366,
    504_091_252,
    487_468_587,
    470_697_435,
    453_782_903,
    436_730_145,
    419_544_355,
    402_230_767,
    384_794_656,
    367_241_333,
    349_576_144,
    331_804_471,
    313_931_728,
    295_963_357,
    277_904_834,
    259_761_657,
    241_539_355,
    223_243_478,
    204_879_599,
    186_453_311,
    167_970_228,
    149_435_979,
    130_856_211,
    112_236_583,
    93_582_766,
    74_900_443,
    56_195_305,
    37_473_049,
    18_739_379,
    0,
];

#[cfg(test)]
mod tests {
    use super::*;

    const LOS_ANGELES: GeoPoint = GeoPoint::new(34_052_200, -118_243_700);
    const SAN_DIEGO: GeoPoint = GeoPoint::new(32_715_700, -117_161_100);

    #[test]
    fn los_angeles_to_san_diego_is_about_180_km() {
        assert!(LOS_ANGELES.reaches(SAN_DIEGO, Metres(182_000)));
        assert!(!LOS_ANGELES.reaches(SAN_DIEGO, Metres(176_000)));
    }

    #[test]
    fn a_radius_crosses_the_date_line() {
        let west = GeoPoint::new(0, 179_990_000);
        let east = GeoPoint::new(0, -179_990_000);
        assert!(west.reaches(east, Metres(2_300)));
        assert!(!west.reaches(east, Metres(2_100)));
    }
}
