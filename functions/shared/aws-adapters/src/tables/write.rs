//! Conditional writes, alone or together in one transaction.
//!
//! Every transaction call carries a fresh client request token, which the SDK makes and repeats
//! in its own retries: a write whose answer was lost is not applied twice within one call. Our own
//! later tries are guarded by the conditions, which is why they need no token of ours, and could
//! not have one: a transaction is rebuilt on what was read again, and DynamoDB refuses the same
//! token with different content.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_sdk_dynamodb::types::{
    AttributeValue, Put, ReturnValue, TransactWriteItem, Update as SdkUpdate,
};
use domain::billing::Bounds;
use workflow::ports::PortResult;

use super::contention::Contention;
use super::item::{Item, number};
use crate::fault::{permanent, port_error, transient};

/// What came of a transaction.
pub(super) enum Transaction {
    /// All of it was written.
    Written,
    /// Nothing was written; why, by the position of each write.
    Canceled(Canceled),
}

/// Why a transaction was canceled.
pub(super) struct Canceled(Vec<Reason>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reason {
    /// Not the fault of this write.
    None,
    /// The item was not as the condition says.
    Condition,
    /// Another transaction or write was at the item.
    Conflict,
}

impl Canceled {
    /// Whether the condition of the write at this position did not hold.
    pub(super) fn condition_failed(&self, position: usize) -> bool {
        self.0.get(position) == Some(&Reason::Condition)
    }

    /// Whether somebody else was at one of the items at the same moment.
    pub(super) fn is_conflict(&self) -> bool {
        self.0.contains(&Reason::Conflict)
    }
}

/// The writes of one transaction, each under the name by which its fate is asked for.
pub(super) struct Writes<Name> {
    names: Vec<Name>,
    items: Vec<TransactWriteItem>,
}

/// Why nothing of [`Writes`] was written.
pub(super) struct Lost<Name> {
    names: Vec<Name>,
    canceled: Canceled,
}

impl<Name: Copy + PartialEq> Writes<Name> {
    pub(super) fn new() -> Self {
        Self {
            names: Vec::new(),
            items: Vec::new(),
        }
    }

    pub(super) fn add(&mut self, name: Name, item: TransactWriteItem) {
        self.names.push(name);
        self.items.push(item);
    }

    pub(super) fn add_all(
        &mut self,
        name: Name,
        items: impl IntoIterator<Item = TransactWriteItem>,
    ) {
        for item in items {
            self.add(name, item);
        }
    }

    /// Writes everything or nothing; why not, where nothing was written.
    pub(super) async fn send(
        self,
        client: &Client,
        operation: &'static str,
    ) -> PortResult<Result<(), Lost<Name>>> {
        Ok(match transact(client, operation, self.items).await? {
            Transaction::Written => Ok(()),
            Transaction::Canceled(canceled) => Err(Lost {
                names: self.names,
                canceled,
            }),
        })
    }
}

impl<Name: Copy + PartialEq> Lost<Name> {
    /// Whether the condition of a write of this name did not hold.
    pub(super) fn condition_failed(&self, name: Name) -> bool {
        let named = self.names.iter().enumerate();
        named
            .filter(|(_, known)| **known == name)
            .any(|(position, _)| self.canceled.condition_failed(position))
    }

    /// Whether somebody else was at one of the items at the same moment.
    pub(super) fn is_conflict(&self) -> bool {
        self.canceled.is_conflict()
    }
}

/// Writes everything or nothing.
pub(super) async fn transact(
    client: &Client,
    operation: &'static str,
    writes: Vec<TransactWriteItem>,
) -> PortResult<Transaction> {
    let request = client
        .transact_write_items()
        .set_transact_items(Some(writes));
    let Err(error) = request.send().await else {
        return Ok(Transaction::Written);
    };
    match error.as_service_error() {
        Some(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
            canceled_by(operation, canceled)
        }
        _ => Err(port_error(operation, &error)),
    }
}

fn canceled_by(
    operation: &'static str,
    canceled: &TransactionCanceledException,
) -> PortResult<Transaction> {
    let mut reasons = Vec::with_capacity(canceled.cancellation_reasons().len());
    for reason in canceled.cancellation_reasons() {
        reasons.push(match reason.code().unwrap_or("None") {
            "None" => Reason::None,
            "ConditionalCheckFailed" => Reason::Condition,
            "TransactionConflict" => Reason::Conflict,
            code @ ("ThrottlingError" | "ProvisionedThroughputExceeded") => {
                return Err(transient(operation, code));
            }
            // ValidationError, ItemCollectionSizeLimitExceeded: the items are at fault.
            code => return Err(permanent(operation, code)),
        });
    }
    Ok(Transaction::Canceled(Canceled(reasons)))
}

/// Writes a new item, unless one with the same key exists; `key` is any attribute of the key.
pub(super) fn put_new(table: &str, item: Item, key: &str) -> PortResult<TransactWriteItem> {
    let put = Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression("attribute_not_exists(#key)")
        .expression_attribute_names("#key", key)
        .build()
        .map_err(|error| permanent("describing a write", error.to_string()))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// A change of one item: assignments, removals, and conditions that all have to hold. At least one
/// attribute is assigned.
#[derive(Clone)]
pub(super) struct Update {
    table: String,
    key: Item,
    assignments: Vec<String>,
    removals: Vec<String>,
    conditions: Vec<String>,
    names: Vec<(String, String)>,
    values: Vec<(String, AttributeValue)>,
}

/// What came of an update of one item.
#[derive(Debug)]
pub(super) enum Updated {
    /// It was written; the whole item as it is now.
    Written(Item),
    /// A condition did not hold.
    ConditionFailed,
    /// A transaction was at the item.
    Conflict,
}

impl Update {
    pub(super) fn of(table: &str, key: Item) -> Self {
        Self {
            table: table.to_owned(),
            key,
            assignments: Vec::new(),
            removals: Vec::new(),
            conditions: Vec::new(),
            names: Vec::new(),
            values: Vec::new(),
        }
    }

    /// Assigns a value.
    pub(super) fn set(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.assign(name, format!("#{name} = :{name}"));
        self.values.push((format!(":{name}"), value));
        self
    }

    /// Assigns a value unless the attribute has one.
    pub(super) fn set_once(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.assign(name, format!("#{name} = if_not_exists(#{name}, :{name})"));
        self.values.push((format!(":{name}"), value));
        self
    }

    /// Adds to a number, which counts as zero when it is missing.
    pub(super) fn add(mut self, name: &'static str, amount: u32) -> Self {
        self.assign(
            name,
            format!("#{name} = if_not_exists(#{name}, :zero) + :{name}_more"),
        );
        self.values.push((format!(":{name}_more"), number(amount)));
        self.zero();
        self
    }

    /// Moves a number, which counts as zero when it is missing, up or down.
    pub(super) fn shift(mut self, name: &'static str, by: i64) -> Self {
        self.assign(
            name,
            format!("#{name} = if_not_exists(#{name}, :zero) + :{name}_by"),
        );
        let by = AttributeValue::N(by.to_string());
        self.values.push((format!(":{name}_by"), by));
        self.zero();
        self
    }

    /// Only if the number, which counts as zero when it is missing, lies within these bounds.
    pub(super) fn within(mut self, name: &'static str, bounds: Bounds) -> Self {
        let Bounds { least, most } = bounds;
        let has_least = least > Bounds::ANY.least;
        if has_least {
            self.conditions.push(format!("#{name} >= :{name}_least"));
            let least = number(least.get());
            self.values.push((format!(":{name}_least"), least));
        }
        if most < Bounds::ANY.most && has_least {
            self.conditions.push(format!("#{name} <= :{name}_most"));
            self.values
                .push((format!(":{name}_most"), number(most.get())));
        } else if most < Bounds::ANY.most {
            self = self.when_at_most(name, most.get());
        }
        self.name(name);
        self
    }

    /// Takes an attribute away, if it is there.
    pub(super) fn remove(mut self, name: &'static str) -> Self {
        self.name(name);
        self.removals.push(format!("#{name}"));
        self
    }

    /// Only if the attribute has this value.
    pub(super) fn when(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.name(name);
        self.conditions.push(format!("#{name} = :{name}_was"));
        self.values.push((format!(":{name}_was"), value));
        self
    }

    /// Only if the attribute has another value, or none.
    pub(super) fn when_not(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.name(name);
        self.conditions.push(format!("#{name} <> :{name}_not"));
        self.values.push((format!(":{name}_not"), value));
        self
    }

    /// Only if the attribute's value does not come after this one.
    pub(super) fn when_not_after(mut self, name: &'static str, value: AttributeValue) -> Self {
        self.name(name);
        self.conditions.push(format!("#{name} <= :{name}_latest"));
        self.values.push((format!(":{name}_latest"), value));
        self
    }

    /// Only if the attribute exists.
    pub(super) fn when_there(mut self, name: &'static str) -> Self {
        self.name(name);
        self.conditions.push(format!("attribute_exists(#{name})"));
        self
    }

    /// Only if the attribute does not exist.
    pub(super) fn when_missing(mut self, name: &'static str) -> Self {
        self.name(name);
        self.conditions
            .push(format!("attribute_not_exists(#{name})"));
        self
    }

    /// Only if the number is at most this, or missing.
    pub(super) fn when_at_most(mut self, name: &'static str, most: u32) -> Self {
        self.name(name);
        self.conditions.push(format!(
            "(attribute_not_exists(#{name}) OR #{name} <= :{name}_most)"
        ));
        self.values.push((format!(":{name}_most"), number(most)));
        self
    }

    /// As a part of a transaction.
    pub(super) fn in_transaction(self) -> PortResult<TransactWriteItem> {
        let update = SdkUpdate::builder()
            .table_name(&self.table)
            .set_key(Some(self.key.clone()))
            .update_expression(self.update_expression())
            .set_condition_expression(self.condition_expression())
            .set_expression_attribute_names(Some(self.names.into_iter().collect()))
            .set_expression_attribute_values(Some(self.values.into_iter().collect()))
            .build()
            .map_err(|error| permanent("describing a write", error.to_string()))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// By itself, tried once.
    pub(super) async fn send(
        &self,
        client: &Client,
        operation: &'static str,
    ) -> PortResult<Updated> {
        let request = client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(self.key.clone()))
            .update_expression(self.update_expression())
            .set_condition_expression(self.condition_expression())
            .set_expression_attribute_names(Some(self.names.iter().cloned().collect()))
            .set_expression_attribute_values(Some(self.values.iter().cloned().collect()))
            .return_values(ReturnValue::AllNew);
        match request.send().await {
            Ok(output) => Ok(Updated::Written(output.attributes.unwrap_or_default())),
            Err(error) => match error.as_service_error() {
                Some(UpdateItemError::ConditionalCheckFailedException(_)) => {
                    Ok(Updated::ConditionFailed)
                }
                Some(UpdateItemError::TransactionConflictException(_)) => Ok(Updated::Conflict),
                _ => Err(port_error(operation, &error)),
            },
        }
    }

    /// By itself, tried again while transactions are at the item. The whole item as it is now, or
    /// `None` when a condition did not hold.
    pub(super) async fn send_through(
        &self,
        client: &Client,
        operation: &'static str,
    ) -> PortResult<Option<Item>> {
        let mut contention = Contention::begin();
        loop {
            match self.send(client, operation).await? {
                Updated::Written(item) => return Ok(Some(item)),
                Updated::ConditionFailed => return Ok(None),
                Updated::Conflict => {
                    if !contention.pause().await {
                        return Err(transient(operation, "others keep changing the item"));
                    }
                }
            }
        }
    }

    /// What a missing number counts as.
    fn zero(&mut self) {
        if !self.values.iter().any(|(name, _)| name == ":zero") {
            self.values.push((":zero".to_owned(), number(0_u32)));
        }
    }

    fn assign(&mut self, name: &str, assignment: String) {
        self.name(name);
        self.assignments.push(assignment);
    }

    fn name(&mut self, name: &str) {
        // Placeholders for all names: DynamoDB reserves hundreds of words, such as `state`.
        let placeholder = format!("#{name}");
        if !self.names.iter().any(|(known, _)| *known == placeholder) {
            self.names.push((placeholder, name.to_owned()));
        }
    }

    fn update_expression(&self) -> String {
        let clauses = [("SET", &self.assignments), ("REMOVE", &self.removals)];
        // DynamoDB takes no clause without anything in it.
        let clauses = clauses.iter().filter(|(_, parts)| !parts.is_empty());
        let clauses: Vec<String> = clauses
            .map(|(clause, parts)| format!("{clause} {}", parts.join(", ")))
            .collect();
        clauses.join(" ")
    }

    fn condition_expression(&self) -> Option<String> {
        (!self.conditions.is_empty()).then(|| self.conditions.join(" AND "))
    }
}

/// Whether a put was refused because the item exists.
pub(super) fn is_taken(error: &impl ProvideErrorMetadata) -> bool {
    error.code() == Some("ConditionalCheckFailedException")
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::types::CancellationReason;
    use domain::Points;
    use workflow::ports::PortError;

    use super::super::item::{item, text};
    use super::*;

    fn canceled(codes: &[&str]) -> PortResult<Transaction> {
        let reasons = codes
            .iter()
            .map(|code| CancellationReason::builder().code(*code).build());
        let exception = TransactionCanceledException::builder()
            .set_cancellation_reasons(Some(reasons.collect()))
            .build();
        canceled_by("testing", &exception)
    }

    #[test]
    fn reasons_of_a_cancellation_are_told_by_position() {
        let Ok(Transaction::Canceled(canceled)) =
            canceled(&["None", "ConditionalCheckFailed", "TransactionConflict"])
        else {
            panic!("it was canceled");
        };
        let failed: Vec<_> = (0..4).filter(|at| canceled.condition_failed(*at)).collect();
        assert_eq!(failed, [1]);
        assert!(canceled.is_conflict());
    }

    #[test]
    fn a_throttled_transaction_is_transient_and_an_invalid_one_is_not() {
        assert!(matches!(
            canceled(&["None", "ThrottlingError"]),
            Err(PortError::Transient { .. })
        ));
        assert!(matches!(
            canceled(&["ValidationError", "None"]),
            Err(PortError::Permanent { .. })
        ));
    }

    fn bounds(least: u32, most: u32) -> Bounds {
        Bounds {
            least: Points::new(least),
            most: Points::new(most),
        }
    }

    #[test]
    fn an_update_spells_its_expressions_with_placeholders() {
        let update = Update::of("points", item([("entry", text("BALANCE"))]))
            .shift("available", -3)
            .within("available", bounds(3, u32::MAX))
            .within("ended", bounds(0, u32::MAX))
            .within("lapsed", bounds(7, 7))
            .within("held", bounds(0, 9))
            .add("reserved", 3)
            .set("state", text("posted"))
            .set_once("issued_at", text("now"))
            .when("version", number(7_u32))
            .when_at_most("reserved", 10)
            .when_missing("ended_at")
            .when_there("entry")
            .when_not("status", text("lapsed"))
            .when_not_after("used_at", text("now"))
            .remove("warning");
        assert_eq!(
            update.update_expression(),
            "SET #available = if_not_exists(#available, :zero) + :available_by, \
             #reserved = if_not_exists(#reserved, :zero) + :reserved_more, \
             #state = :state, #issued_at = if_not_exists(#issued_at, :issued_at) \
             REMOVE #warning"
        );
        assert_eq!(
            update.condition_expression().unwrap(),
            "#available >= :available_least AND #lapsed >= :lapsed_least AND \
             #lapsed <= :lapsed_most AND (attribute_not_exists(#held) OR #held <= :held_most) AND \
             #version = :version_was AND \
             (attribute_not_exists(#reserved) OR #reserved <= :reserved_most) AND \
             attribute_not_exists(#ended_at) AND attribute_exists(#entry) AND \
             #status <> :status_not AND #used_at <= :used_at_latest"
        );
    }
}
