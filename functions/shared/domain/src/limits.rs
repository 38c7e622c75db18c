//! Every size, count, wait and retry of the rules, with its reason and requirement number.

/// Version of the limits and decisions of this crate, printed on each certificate (S-027).
pub const RULES_VERSION: &str = "2026-11";

/// Version of the price table: 1 point per TO recipient, printed on each certificate.
pub const PRICE_TABLE_VERSION: &str = "2026-11";

/// Price of one registered mail to one recipient, in points (I-042, Q-12).
pub const POINTS_PER_RECIPIENT: u32 = 1;

/// Largest message that is accepted, in bytes of raw MIME as received, inclusive (I-066, Q-2).
pub const MESSAGE_SIZE_BYTES_MAX: u64 = 5 * 1_048_576;

/// Largest mail with a sender's message in it that is handed to the provider, in bytes. SES carries
/// 40 MB (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>), but many servers refuse mail
/// above 10 MB. A message of [`MESSAGE_SIZE_BYTES_MAX`] in base64 takes 7.2 MB; text that grows
/// beyond this, in UTF-8 or beside its HTML, goes as a file.
pub const DELIVERED_SIZE_BYTES_MAX: usize = 10_000_000;

/// Most parts of a sender's message that are handed to the provider part by part. SES takes 500,
/// and ours are few (<https://docs.aws.amazon.com/ses/latest/dg/send-email-raw.html>). A message of
/// more goes as one file of octets, whose parts nobody counts.
pub const DELIVERED_PARTS_MAX: usize = 450;

/// Most TO recipients of one mail. What is recorded of so many fits into one item of
/// DynamoDB, and to start 500 workflows takes `parse-mail` half of the time that it has.
pub const RECIPIENTS_MAX: usize = 500;

/// Most recipients whose dispatches and charges one transaction writes: two items each. DynamoDB
/// takes 100 items, and beside them stand up to fourteen more (eight of them marks of signatures),
/// so 43 would fit; 40 leaves room. A mail to no more than these is recorded with all that becomes
/// of it; what becomes of another unfolds in batches of so many (I-061).
pub const RECIPIENTS_AT_ONCE_MAX: usize = 40;

/// Most recipients of one mail whose certificates are mailed to its sender one by one. Of a mail to
/// more of them the sender gets one summary with a link: nobody wants 500 mails, and 500 files fit
/// into none.
pub const COPIES_EACH_MAX: usize = 20;

/// How many messages of one mail are handed to the provider within a second, unless the operator
/// says otherwise. In its sandbox SES takes one a second, and out of it a number that differs by
/// account (<https://docs.aws.amazon.com/ses/latest/dg/quotas.html>): fewer than these were not
/// heard of. What is sent faster than the account may waits and is tried again.
pub const MAILS_PER_SECOND_DEFAULT: u32 = 10;

/// Longest addr-spec, in octets (RFC 5321 section 4.5.3.1.3 less the angle brackets).
pub const ADDRESS_LENGTH_BYTES_MAX: usize = 254;

/// Longest local part, in octets (RFC 5321 section 4.5.3.1.1).
pub const LOCAL_PART_LENGTH_BYTES_MAX: usize = 64;

/// How long a sent message may stay without a settling event, in seconds: SES is told to
/// give up after half of it (`MaxDeliverySeconds` of the template), and has said so up to 17.3
/// hours after the sending, so silence beyond a day is an outcome of its own.
pub const DELIVERY_TIMEOUT_SECONDS: u64 = 24 * 3_600;

/// How long a certificate's original is kept under Object Lock, in years.
pub const ORIGINAL_RETENTION_YEARS: i16 = 10;

/// How long the originals of a stack for trials are locked, in days: the shortest that S3 takes, so
/// that the same calls are made as for evidence, and the stack can be removed.
pub const TRIAL_RETENTION_DAYS: i32 = 1;

/// Days that the signing chain must still be valid for, or nothing is signed with it: a new
/// certificate takes its issuer weeks, and alarms sound at 90 and at 30 days (S-028).
pub const SIGNER_VALIDITY_DAYS_MIN: i64 = 30;

/// Hours after its issue that a certificate is still composed as of then. Signing is tried for a
/// day; what waits longer is issued anew, so that its times fit its first timestamp.
pub const ISSUE_HOURS_MAX: i64 = 24;

/// Hours after its issue that a certificate is still signed: a verifier believes two days between
/// issue and first timestamp, and authorities answer within one hour or not at all.
pub const UNSIGNED_HOURS_MAX: i64 = 47;

/// Longest event kept verbatim, in bytes: a DynamoDB item holds 400 KB, SES cuts far below.
pub const EVENT_SIZE_BYTES_MAX: usize = 64 * 1_024;

/// How long an unfinished attempt to send a notice is left alone, in seconds: longer than any
/// invocation lives, so that two invocations never send the same notice side by side.
pub const NOTICE_DOUBT_SECONDS: i64 = 60;

/// How long after a mail arrived a temporary DNS failure is retried before the mail is refused
/// as not authenticated, in seconds. Lambda repeats a failed asynchronous invocation after one
/// minute, so that one more try happens and the sender still hears from us (P-013).
pub const DNS_RETRY_SECONDS_MAX: i64 = 45;

/// How old a DKIM signature may be when SES receives its mail, in seconds: five days, because
/// honest servers try that long to hand a mail over (RFC 5321 section 4.5.4.1). What is older may
/// be an old mail that somebody else sends again.
pub const SIGNATURE_AGE_SECONDS_MAX: i64 = 5 * 86_400;

/// How far in the future a DKIM signature may have been made when SES receives its mail, in
/// seconds: an hour for clocks that are wrong.
pub const SIGNATURE_FUTURE_SECONDS_MAX: i64 = 3_600;

/// Shortest time between two notices to one sender that mails in its name were refused because
/// nobody vouched for them, in seconds: whoever forges the sender decides how many there are
///
pub const UNVOUCHED_NOTICE_SECONDS_MIN: i64 = 3_600;

/// Most times that such a notice lists, beside its own; of the others it tells the number.
pub const UNVOUCHED_LISTED_MAX: usize = 20;

/// Most mobile numbers that one account may send offers to within a day of UTC: the operator pays
/// each SMS, some countries are dear, and nobody is to spend without limit.
pub const SMS_PER_ACCOUNT_AND_DAY_MAX: u32 = 500;

/// Most that one SMS may cost, in US cents: SNS does not send one that is dearer. An offer of three
/// parts to Japan costs less, whether SNS counts the message or its parts.
pub const SMS_PRICE_CENTS_MAX: u32 = 100;

/// How long all questions to the DNS about one mail may take together, in seconds. They are asked
/// side by side, so that a mail of 17 slow zones costs no more than one.
pub const DNS_SECONDS_MAX: u64 = 20;

/// Most that is kept of what the DNS answers for one name, in bytes of JSON: a key record of 4,096
/// bits has 700. With at most 17 names, an intake record stays below the 400 KB of an item of
/// DynamoDB.
pub const DNS_ANSWER_BYTES_MAX: usize = 4_096;

/// Longest subject that is kept with an intake and shown on a certificate, in bytes: with all that
/// is kept of the DNS it fits into the 400 KB of an item of DynamoDB. What is cut off stands in the
/// header of the mail, which the certificate shows and embeds.
pub const SUBJECT_BYTES_MAX: usize = 64 * 1_024;

/// Most destinations in the subject of one contract mail: each is a contract of its own, and a
/// subject that names more is a mailing.
pub const DESTINATIONS_MAX: usize = 20;

/// Longest time an offer waits for its answer, in hours: 90 days.
pub const ANSWER_DEADLINE_HOURS_MAX: u16 = 90 * 24;

/// How long an offer waits unless its account says otherwise, in hours: 30 days (I-074, Q-1).
pub const ANSWER_DEADLINE_HOURS_DEFAULT: u16 = 30 * 24;

/// How long the SMS of an offer waits to hear what became of its mail, in seconds (P-022).
pub const MAIL_HEAD_START_SECONDS: u64 = 15 * 60;

/// Longest text of an answer that is kept with its event, in bytes: a DynamoDB item holds 400 KB,
/// and a mail is kept whole beside it.
pub const ANSWER_TEXT_BYTES_MAX: usize = 32 * 1_024;

/// Longest text of what came back and answers nothing that an event on a certificate quotes, in
/// characters: as much as the page behind the link takes. The event itself keeps more.
pub const ANSWER_QUOTE_CHARACTERS_MAX: usize = LINK_ANSWER_CHARACTERS_MAX;

/// Most mails that came back to one contract, answer nothing, and are embedded in its certificate:
/// anybody may send them. Of more than these the words are quoted.
pub const OTHER_MAILS_EMBEDDED_MAX: usize = 20;

/// Most of these mails together, in bytes: with the offer, as delivered too, and the answer a
/// certificate stays below 17 MiB, which in base64 fits into the 40 MB that SES carries.
pub const OTHER_MAILS_BYTES_MAX: u64 = 5 * 1_048_576;

/// Most answers to one contract that become addenda (P-065). Each costs a signature and two
/// timestamps, and anybody may answer an offer; what comes after these is kept as an event.
pub const ADDENDA_MAX: usize = 20;

/// Most of what comes back to one contract and is not the recipient's that is kept. Whoever knows
/// where answers go may send as much as they like, and all that is kept stands on the certificate:
/// nobody is to make it so long that it cannot be issued.
pub const UNPROVEN_ANSWERS_MAX: usize = 100;

/// Longest line about the operator that stands in each mail and page, in characters: an address of
/// the web, or a telephone number with its hours. Lambda takes 4 KB of settings for a function.
pub const OPERATOR_LINE_CHARACTERS_MAX: usize = 150;

/// Longest text that the page behind the link takes, in characters.
pub const LINK_ANSWER_CHARACTERS_MAX: usize = 2_000;

/// Largest form that the pages take, in bytes: [`LINK_ANSWER_CHARACTERS_MAX`] characters of four
/// bytes each, percent-encoded, and room for the other fields. What is larger is refused unread.
pub const FORM_SIZE_BYTES_MAX: usize = 25 * 1_024;

/// Longest name of a browser that is kept with an answer, in bytes; honest ones stay below 300.
pub const USER_AGENT_BYTES_MAX: usize = 512;

/// Largest response of a function URL, in bytes of the JSON that the function answers Lambda with:
/// "Response payload size exceeded maximum allowed payload size (6291556 bytes)", which is the 6 MB
/// of <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>.
pub const WEB_RESPONSE_BYTES_MAX: usize = 6_291_556;

/// Longest text of an offer that a page shows, in bytes; a link leads to the whole (I-008). HTML
/// makes six bytes of a quotation mark and eight of a control, which leaves a third of
/// [`WEB_RESPONSE_BYTES_MAX`] for the rest of the page.
pub const WEB_TEXT_BYTES_MAX: usize = 500_000;

/// Longest line of others that a page shows, such as a subject or the name of a file, in bytes.
pub const WEB_LINE_BYTES_MAX: usize = 1_000;

/// Most attachments that a page lists: a mail of [`MESSAGE_SIZE_BYTES_MAX`] may have a hundred
/// thousand, and each of them takes up to 20 KB of the page.
pub const WEB_FILES_LISTED_MAX: usize = 100;

/// How long a signing configuration is used before it is read again, in seconds: soon enough after
/// an operator changed the chain or an authority, and one small request in so long a time (S-028).
pub const SIGNING_CONFIGURATION_AGE_SECONDS_MAX: i64 = 5 * 60;

/// Largest file that the pages hand out, in bytes: Lambda answers with at most 6 MB (6,291,556
/// bytes), base64 makes a third more of each file, and the headers need their room. The files of a
/// mail of [`MESSAGE_SIZE_BYTES_MAX`] fit, because they came in base64 themselves.
pub const WEB_FILE_BYTES_MAX: usize = 4_600_000;

/// How long a code sent by SMS is good for, in seconds: long enough for a slow carrier, too short
/// for trying a million codes.
pub const CODE_LIFETIME_SECONDS: i64 = 10 * 60;

/// How often one code may be tried. With [`CODES_MAX`] it leaves 15 tries in a million an hour.
pub const CODE_TRIES_MAX: u32 = 5;

/// How many codes one contract gets within [`CODES_WINDOW_SECONDS`]: each is an SMS that somebody
/// pays for, and a telephone that beeps.
pub const CODES_MAX: usize = 3;

/// The time in which codes are counted, in seconds.
pub const CODES_WINDOW_SECONDS: i64 = 3_600;

/// How many links that nobody was given may be asked for from one source within
/// [`SOURCE_WINDOW_SECONDS`]. Whoever types a link from paper errs less often. The 128 bits of a
/// link protect it; this keeps those who guess anyway from filling logs and bills.
pub const UNKNOWN_LINKS_MAX: u32 = 30;

/// How many codes may be asked for from one source within [`SOURCE_WINDOW_SECONDS`]. Carriers put
/// hundreds of telephones behind one address, so this is no lower.
pub const CODE_REQUESTS_MAX: u32 = 20;

/// The time in which requests of one source are counted, in seconds.
pub const SOURCE_WINDOW_SECONDS: u32 = 3_600;

/// Most points that an account has free, and most that it has reserved, when points are added: half
/// of what is counted with, so that both together fit (I-045).
pub const POINTS_MAX: u32 = u32::MAX / 2;

/// How long an account lives after its last use, in calendar years (I-046).
pub const ACCOUNT_LIFE_YEARS: i16 = 5;

/// How long before an account lapses its last warning is sent, and how long after that warning it
/// lives at least, in days (I-046).
pub const LAST_WARNING_DAYS: i64 = 7;

/// How long `expire-accounts` looks at accounts in one invocation, in seconds: its function lives
/// for 120, and the account that is being looked at then may still need a mail of 30.
pub const EXPIRY_SECONDS_MAX: i64 = 80;

/// Days before the end of a document timestamp's certificates that it is renewed: time to
/// find other authorities, should all that are configured have gone.
pub const RENEWAL_MARGIN_DAYS: i64 = 365;

/// Days that a renewal may be late before an alarm sounds: each of them has seen a try.
pub const RENEWAL_DELAY_DAYS_MAX: i64 = 30;

/// How long `renew-timestamps` renews in one invocation, in seconds: its function lives for 900,
/// and the certificate that is being renewed then may still wait for slow authorities.
pub const RENEWAL_SECONDS_MAX: i64 = 600;

/// Days of the signing certificate below which the doctor warns: then the first alarm sounds
/// (S-028).
pub const SIGNER_VALIDITY_DAYS_WARNED: i64 = 90;

/// Invocations that the account must be able to run at once: intake, events, signing and pages run
/// side by side, and a mail to ten recipients alone takes ten. New accounts may have 10
/// (<https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>).
pub const CONCURRENT_EXECUTIONS_MIN: u64 = 50;

/// Invocations at once to ask for: what AWS gives by default, and enough to reserve some.
pub const CONCURRENT_EXECUTIONS_WANTED: u64 = 1_000;
