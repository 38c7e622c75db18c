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

pub(super) fn flag(value: bool) -> AttributeValue {
    AttributeValue::Bool(value)
}

pub(super) fn map(
    attributes: impl IntoIterator<Item = (&'static str, AttributeValue)>,
) -> AttributeValue {
    AttributeValue::M(item(attributes))
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
