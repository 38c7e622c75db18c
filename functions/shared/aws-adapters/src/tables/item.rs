//! DynamoDB items, read and written attribute by attribute.

use std::str::FromStr;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::Named;
use jiff::Timestamp;

/// An item as the SDK holds it.
#[expect(
    clippy::disallowed_types,
    reason = "the SDK takes and gives items as a HashMap"
)]
pub(super) type Item = std::collections::HashMap<String, AttributeValue>;

/// A stored item is not what this service writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the stored attribute {attribute} is missing or malformed")]
pub(super) struct ItemError {
    pub(super) attribute: &'static str,
}

/// Attributes in the order in which they are written down.
pub(super) type Attributes = Vec<(&'static str, AttributeValue)>;

pub(super) fn item(attributes: impl IntoIterator<Item = (&'static str, AttributeValue)>) -> Item {
    attributes
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

pub(super) fn text(value: impl ToString) -> AttributeValue {
    AttributeValue::S(value.to_string())
}

/// With all nine decimals, so that texts compare like times.
pub(super) fn moment(at: Timestamp) -> AttributeValue {
    text(format!("{at:.9}"))
}

pub(super) fn number(value: impl Into<u64>) -> AttributeValue {
    AttributeValue::N(value.into().to_string())
}

pub(super) fn count(value: usize) -> AttributeValue {
    number(u64::try_from(value).unwrap_or(u64::MAX))
}

pub(super) fn flag(value: bool) -> AttributeValue {
    AttributeValue::Bool(value)
}

pub(super) fn map(
    attributes: impl IntoIterator<Item = (&'static str, AttributeValue)>,
) -> AttributeValue {
    AttributeValue::M(item(attributes))
}

pub(super) fn maps(values: impl IntoIterator<Item = Attributes>) -> AttributeValue {
    AttributeValue::L(values.into_iter().map(map).collect())
}

pub(super) fn texts<T: ToString>(values: &[T]) -> AttributeValue {
    AttributeValue::L(values.iter().map(|value| text(value.to_string())).collect())
}

/// Reads one item or one map inside it.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a>(pub(super) &'a Item);

impl<'a> Reader<'a> {
    pub(super) fn text(self, attribute: &'static str) -> Result<&'a str, ItemError> {
        self.optional_text(attribute)?
            .ok_or(ItemError { attribute })
    }

    pub(super) fn optional_text(
        self,
        attribute: &'static str,
    ) -> Result<Option<&'a str>, ItemError> {
        self.0
            .get(attribute)
            .map(|value| {
                value
                    .as_s()
                    .map(String::as_str)
                    .map_err(|_| ItemError { attribute })
            })
            .transpose()
    }

    pub(super) fn parse<T: FromStr>(self, attribute: &'static str) -> Result<T, ItemError> {
        self.text(attribute)?
            .parse()
            .map_err(|_| ItemError { attribute })
    }

    pub(super) fn optional_parse<T: FromStr>(
        self,
        attribute: &'static str,
    ) -> Result<Option<T>, ItemError> {
        self.0
            .get(attribute)
            .map(|_| self.parse(attribute))
            .transpose()
    }

    /// What a stable name stands for.
    pub(super) fn named<T>(
        self,
        attribute: &'static str,
        meaning: impl FnOnce(&str) -> Option<T>,
    ) -> Result<T, ItemError> {
        meaning(self.text(attribute)?).ok_or(ItemError { attribute })
    }

    /// The value of a stable name.
    pub(super) fn value<T: Named>(self, attribute: &'static str) -> Result<T, ItemError> {
        self.named(attribute, T::of_name)
    }

    /// The same where the attribute may be missing.
    pub(super) fn optional_value<T: Named>(
        self,
        attribute: &'static str,
    ) -> Result<Option<T>, ItemError> {
        let name = self.optional_text(attribute)?;
        name.map(|_| self.value(attribute)).transpose()
    }

    /// A number that may be missing.
    pub(super) fn optional_number<T: FromStr>(
        self,
        attribute: &'static str,
    ) -> Result<Option<T>, ItemError> {
        self.0
            .get(attribute)
            .map(|_| self.number(attribute))
            .transpose()
    }

    pub(super) fn number<T: FromStr>(self, attribute: &'static str) -> Result<T, ItemError> {
        self.0
            .get(attribute)
            .and_then(|value| value.as_n().ok()?.parse().ok())
            .ok_or(ItemError { attribute })
    }

    pub(super) fn flag(self, attribute: &'static str) -> Result<bool, ItemError> {
        self.0
            .get(attribute)
            .and_then(|value| value.as_bool().ok().copied())
            .ok_or(ItemError { attribute })
    }

    pub(super) fn map(self, attribute: &'static str) -> Result<Self, ItemError> {
        self.optional_map(attribute)?.ok_or(ItemError { attribute })
    }

    pub(super) fn optional_map(self, attribute: &'static str) -> Result<Option<Self>, ItemError> {
        self.0
            .get(attribute)
            .map(|value| value.as_m().map(Self).map_err(|_| ItemError { attribute }))
            .transpose()
    }

    pub(super) fn maps(self, attribute: &'static str) -> Result<Vec<Self>, ItemError> {
        let missing = ItemError { attribute };
        let values = self.0.get(attribute).and_then(|value| value.as_l().ok());
        values
            .ok_or_else(|| missing.clone())?
            .iter()
            .map(|value| value.as_m().ok().map(Self))
            .collect::<Option<_>>()
            .ok_or(missing)
    }

    pub(super) fn parse_all<T: FromStr>(
        self,
        attribute: &'static str,
    ) -> Result<Vec<T>, ItemError> {
        let missing = ItemError { attribute };
        let values = self.0.get(attribute).and_then(|value| value.as_l().ok());
        values
            .ok_or_else(|| missing.clone())?
            .iter()
            .map(|value| value.as_s().ok().and_then(|text| text.parse().ok()))
            .collect::<Option<_>>()
            .ok_or(missing)
    }
}

/// How large an item is, by the page "item sizes and capacity unit consumption" of the developer
/// guide, and how DynamoDB writes it.
#[cfg(test)]
pub(super) mod testing {
    use serde_json::{Map, Value, json};

    use super::{AttributeValue, Item};

    /// An item as DynamoDB answers it.
    pub(in super::super) fn wire_of(item: &Item) -> Map<String, Value> {
        let fields = item.iter().map(|(name, value)| (name.clone(), wire(value)));
        fields.collect()
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the SDK may know more kinds of values; we store these"
    )]
    fn wire(value: &AttributeValue) -> Value {
        match value {
            AttributeValue::S(text) => json!({ "S": text }),
            AttributeValue::N(number) => json!({ "N": number }),
            AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
            AttributeValue::M(map) => json!({ "M": wire_of(map) }),
            AttributeValue::L(values) => {
                json!({ "L": values.iter().map(wire).collect::<Vec<_>>() })
            }
            other => panic!("nothing like {other:?} is stored"),
        }
    }

    /// DynamoDB takes no item of more than 400 KB
    /// (<https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html>).
    pub(in super::super) const ITEM_BYTES_MAX: usize = 400 * 1_024;

    /// A list or a map, beside what is in it.
    const NESTING_BYTES: usize = 3;

    /// The longest number.
    const NUMBER_BYTES_MAX: usize = 21;

    /// Names and texts count in UTF-8.
    pub(in super::super) fn size_of(item: &Item) -> usize {
        item.iter()
            .map(|(name, value)| name.len() + size(value))
            .sum()
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the SDK may know more kinds of values; we store these"
    )]
    fn size(value: &AttributeValue) -> usize {
        match value {
            AttributeValue::S(text) => text.len(),
            AttributeValue::N(_) => NUMBER_BYTES_MAX,
            AttributeValue::Bool(_) | AttributeValue::Null(_) => 1,
            AttributeValue::L(values) => {
                NESTING_BYTES + values.iter().map(|value| size(value) + 1).sum::<usize>()
            }
            AttributeValue::M(map) => NESTING_BYTES + size_of(map) + map.len(),
            other => panic!("nothing like {other:?} is stored"),
        }
    }
}
