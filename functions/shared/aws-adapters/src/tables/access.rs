//! The table `access`: what is counted and kept for a while, and is evidence of nothing. Uses by
//! one source, and one-time codes; the counters of the intake are beside it in the same table.
//! DynamoDB deletes each some time after the moment in `delete_after`, which is all that the TTL is
//! for: nothing relies on it.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::limits::CODES_WINDOW_SECONDS;
use domain::{CodeHistory, DispatchId};
use jiff::Timestamp;
use workflow::ports::{CodeKeeping, CodeStore, KeptCode, PortResult, RateKey, RateLimit};

use super::item::{Item, ItemError, Reader, item, number, text};
use super::write::Update;
use super::{Tables, unreadable};
use crate::fault::transient;

const COUNTING_USE: &str = "counting a use";
const READING_CODE: &str = "reading a one-time code";
const KEEPING_CODE: &str = "keeping a one-time code";
const COUNTING_TRY: &str = "counting a try of a one-time code";

/// The attribute that the table's TTL is set to, in seconds since 1970.
pub(super) const DELETE_AFTER: &str = "delete_after";

/// How often keeping a code is decided again because another one was kept meanwhile. Three in an
/// hour are the limit, so that a fourth round meets it.
const ROUNDS_MAX: usize = 5;

impl RateLimit for Tables {
    async fn take(
        &self,
        key: &RateKey,
        limit: u32,
        window_seconds: u32,
        now: Timestamp,
    ) -> PortResult<bool> {
        let Some(most_before) = limit.checked_sub(1) else {
            return Ok(false);
        };
        let window = i64::from(window_seconds.max(1));
        let start = now.as_second() - now.as_second().rem_euclid(window);
        let key = item([
            ("pk", text(format!("RATE#{}", key.digest()))),
            ("sk", text(format!("WINDOW#{start}"))),
        ]);
        let update = Update::of(self.access_table()?, key)
            .add("uses", 1)
            .set(DELETE_AFTER, seconds(start.saturating_add(window)))
            .when_at_most("uses", most_before);
        let written = update.send_through(&self.client, COUNTING_USE).await?;
        Ok(written.is_some())
    }
}

impl CodeStore for Tables {
    async fn keep_code(
        &self,
        id: &DispatchId,
        code: &KeptCode,
        now: Timestamp,
    ) -> PortResult<CodeKeeping> {
        let table = self.access_table()?;
        for _ in 0..ROUNDS_MAX {
            let found = self.read(READING_CODE, table, key_of_code(id)).await?;
            let (history, round) = match &found {
                None => (CodeHistory::default(), 0),
                Some(found) => history_from_item(found).map_err(unreadable(READING_CODE))?,
            };
            let history = match history.with_one_more(now) {
                Ok(history) => history,
                Err(again_at) => return Ok(CodeKeeping::TooMany { again_at }),
            };
            let update = update_to(table, id, code, &history, now).set("round", number(round + 1));
            let update = match &found {
                None => update.when_missing("round"),
                Some(_) => update.when("round", number(round)),
            };
            if update
                .send_through(&self.client, KEEPING_CODE)
                .await?
                .is_some()
            {
                return Ok(CodeKeeping::Kept);
            }
        }
        Err(transient(KEEPING_CODE, "others keep asking for codes"))
    }

    async fn count_try(&self, id: &DispatchId, tries_max: u32) -> PortResult<Option<KeptCode>> {
        let Some(most_before) = tries_max.checked_sub(1) else {
            return Ok(None);
        };
        let update = Update::of(self.access_table()?, key_of_code(id))
            .add("tries", 1)
            .when_there("digest")
            .when_at_most("tries", most_before);
        let written = update.send_through(&self.client, COUNTING_TRY).await?;
        written
            .map(|found| code_from_item(&found).map_err(unreadable(COUNTING_TRY)))
            .transpose()
    }
}

fn key_of_code(id: &DispatchId) -> Item {
    item([("pk", text(format!("CODE#{id}"))), ("sk", text("CODE"))])
}

fn update_to(
    table: &str,
    id: &DispatchId,
    code: &KeptCode,
    history: &CodeHistory,
    now: Timestamp,
) -> Update {
    let made_at = history.made_at().iter().map(text).collect();
    let delete_after = now.as_second().saturating_add(CODES_WINDOW_SECONDS);
    Update::of(table, key_of_code(id))
        .set("digest", text(code.digest))
        .set("expires_at", text(code.expires_at))
        .set("tries", number(0_u32))
        .set("made_at", AttributeValue::L(made_at))
        .set(DELETE_AFTER, seconds(delete_after))
}

fn history_from_item(found: &Item) -> Result<(CodeHistory, u64), ItemError> {
    let reader = Reader(found);
    let made_at = reader.parse_all("made_at")?;
    Ok((CodeHistory::of(made_at), reader.number("round")?))
}

fn code_from_item(found: &Item) -> Result<KeptCode, ItemError> {
    let reader = Reader(found);
    Ok(KeptCode {
        digest: reader.parse("digest")?,
        expires_at: reader.parse("expires_at")?,
    })
}

fn seconds(since_1970: i64) -> AttributeValue {
    AttributeValue::N(since_1970.to_string())
}

#[cfg(test)]
mod tests {
    use domain::Sha256Digest;

    use super::*;

    #[test]
    fn a_code_reads_back_as_it_was_kept() {
        let now: Timestamp = "2026-01-05T00:00:00.25Z".parse().unwrap();
        let code = KeptCode {
            digest: Sha256Digest::new([7; 32]),
            expires_at: "2026-01-05T00:10:00Z".parse().unwrap(),
        };
        let history = CodeHistory::default().with_one_more(now).unwrap();
        let found = item([
            ("digest", text(code.digest)),
            ("expires_at", text(code.expires_at)),
            ("made_at", AttributeValue::L(vec![text(now)])),
            ("round", number(3_u32)),
        ]);
        assert_eq!(code_from_item(&found), Ok(code));
        assert_eq!(history_from_item(&found), Ok((history, 3)));
        assert!(history_from_item(&item([])).is_err());
    }
}
