//! Every size, count, wait and retry of the rules, with its reason and requirement number.

/// Version of the limits and decisions of this crate, printed on each certificate (S-027).
pub const RULES_VERSION: &str = "2026-11";

/// Version of the price table: 1 point per TO recipient, printed on each certificate.
pub const PRICE_TABLE_VERSION: &str = "2026-11";

/// Price of one registered mail to one recipient, in points (I-042, Q-12).
pub const POINTS_PER_RECIPIENT: u32 = 1;

/// Largest message that is accepted, in bytes of raw MIME as received, inclusive (I-066, Q-2).
pub const MESSAGE_SIZE_BYTES_MAX: u64 = 5 * 1_048_576;

/// Most TO recipients of one mail. Accepting writes two items per recipient and four more in
/// one DynamoDB transaction of at most 100 items, so 48 would fit; 40 leaves room.
pub const RECIPIENTS_MAX: usize = 40;

/// Longest addr-spec, in octets (RFC 5321 section 4.5.3.1.3 less the angle brackets).
pub const ADDRESS_LENGTH_BYTES_MAX: usize = 254;

/// Longest local part, in octets (RFC 5321 section 4.5.3.1.1).
pub const LOCAL_PART_LENGTH_BYTES_MAX: usize = 64;

/// How long a sent message may stay without a settling event, in seconds: SES gives up after at
/// most 14 hours of retries, so silence beyond that is an outcome of its own.
pub const DELIVERY_TIMEOUT_SECONDS: u64 = 14 * 3_600;

/// How long a certificate's original is kept under Object Lock, in years.
pub const ORIGINAL_RETENTION_YEARS: i16 = 10;

/// Longest event kept verbatim, in bytes: a DynamoDB item holds 400 KB, SES cuts far below.
pub const EVENT_SIZE_BYTES_MAX: usize = 64 * 1_024;

/// How long an unfinished attempt to send a notice is left alone, in seconds: longer than any
/// invocation lives, so that two invocations never send the same notice side by side.
pub const NOTICE_DOUBT_SECONDS: i64 = 60;

/// How long after a mail arrived a temporary DNS failure is retried before the mail is refused
/// as not authenticated, in seconds. Lambda repeats a failed asynchronous invocation after one
/// minute, so that one more try happens and the sender still hears from us (P-013).
pub const DNS_RETRY_SECONDS_MAX: i64 = 45;

/// How long an account lives after its last use, in calendar years (I-046).
pub const ACCOUNT_LIFE_YEARS: i16 = 5;

/// How long before an account lapses its last warning is sent, and how long after that warning it
/// lives at least, in days (I-046).
pub const LAST_WARNING_DAYS: i64 = 7;

/// How long `expire-accounts` looks at accounts in one invocation, in seconds: its function lives
/// for 120, and the account that is being looked at then may still need a mail of 30.
pub const EXPIRY_SECONDS_MAX: i64 = 80;
