//! Items by the time at which somebody has to look at them.
//!
//! An index of due work has one partition, and in it the items that are watched, sorted by the time
//! of the next look in seconds since 1970. One partition takes a thousand writes a second, and a
//! watched item is written to it once in years: whatever moves its time on meanwhile leaves the
//! look too early, and the look puts it off. So a look costs what is due, and nothing ever reads
//! all of them.

use aws_sdk_dynamodb::types::AttributeValue;
use jiff::Timestamp;
use workflow::ports::PortResult;

use super::Tables;
use super::item::{Item, text};
use super::write::Update;
use crate::fault::port_error;

/// One kind of due work.
pub(super) struct DueWork {
    /// Its index.
    pub(super) index: &'static str,
    /// The attribute that holds the partition, on what is watched alone.
    pub(super) watch: &'static str,
    /// The one partition.
    pub(super) partition: &'static str,
    /// The attribute that holds the time of the next look.
    pub(super) check_at: &'static str,
    /// What asking for it is called.
    pub(super) listing: &'static str,
    /// Most items that one question is answered with. Their keys must be far smaller than one page.
    pub(super) items_max: usize,
}

impl DueWork {
    /// What puts a new item into the index.
    pub(super) fn watch(&self, at: Timestamp) -> [(&'static str, AttributeValue); 2] {
        [
            (self.watch, text(self.partition)),
            (self.check_at, check_at(at)),
        ]
    }

    /// Has an item looked at next at this time.
    pub(super) fn put_off(&self, update: Update, at: Timestamp) -> Update {
        update.set(self.check_at, check_at(at))
    }

    /// Has nobody look at an item any more.
    pub(super) fn end(&self, update: Update) -> Update {
        update.remove(self.watch).remove(self.check_at)
    }

    /// The keys of what is due, the longest due first.
    pub(super) async fn list(
        &self,
        tables: &Tables,
        table: &str,
        now: Timestamp,
    ) -> PortResult<Vec<Item>> {
        let request = tables
            .client
            .query()
            .table_name(table)
            .index_name(self.index)
            .key_condition_expression("#watch = :watched AND #check_at <= :now")
            .expression_attribute_names("#watch", self.watch)
            .expression_attribute_names("#check_at", self.check_at)
            .expression_attribute_values(":watched", text(self.partition))
            .expression_attribute_values(":now", AttributeValue::N(now.as_second().to_string()))
            .limit(i32::try_from(self.items_max).unwrap_or(i32::MAX));
        let output = request
            .send()
            .await
            .map_err(|error| port_error(self.listing, &error))?;
        Ok(output.items.unwrap_or_default())
    }
}

/// Whole seconds, never too early: at that time the look finds something to do.
fn check_at(at: Timestamp) -> AttributeValue {
    let begun = i64::from(at.subsec_nanosecond() > 0);
    AttributeValue::N(at.as_second().saturating_add(begun).to_string())
}

#[cfg(test)]
mod tests {
    use super::super::item::moment;
    use super::*;

    #[test]
    fn stored_moments_sort_like_times_and_a_check_is_never_too_early() {
        let times = [
            "2026-01-05T00:00:00Z",
            "2026-01-05T00:00:00.000000001Z",
            "2026-01-05T00:00:00.5Z",
            "2026-01-05T00:00:01Z",
        ];
        let times = times.map(|text| text.parse::<Timestamp>().unwrap());
        let stored = times.map(|time| moment(time).as_s().unwrap().clone());
        assert!(stored.is_sorted(), "{stored:?}");
        for (time, stored) in times.iter().zip(&stored) {
            assert_eq!(stored.parse::<Timestamp>().unwrap(), *time);
        }
        let checks = times.map(|time| check_at(time).as_n().unwrap().parse::<i64>().unwrap());
        let first = times[0].as_second();
        assert_eq!(checks, [first, first + 1, first + 1, first + 1]);
    }
}
