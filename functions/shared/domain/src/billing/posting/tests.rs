use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    AcceptanceNotices, AccountStatus, ContractSettings, Language, Origin, Product, Recipient,
    Serial, SerialNumber, Settings, ThreadKey,
};

fn now() -> Timestamp {
    "2026-01-05T00:00:00Z".parse().unwrap()
}

fn account() -> Account {
    Account {
        id: "K7Q2".parse().unwrap(),
        company: "証株式会社".to_owned(),
        address: None,
        contact: "山田太郎".to_owned(),
        mail: "office@customer.test".parse().unwrap(),
        mobile: None,
        status: AccountStatus::Active,
        settings: Settings {
            certificates_by_mail: true,
            acceptance_notices: AcceptanceNotices::default(),
            language: Language::default(),
            zone: "Asia/Tokyo".parse().unwrap(),
            contracts: ContractSettings::default(),
        },
        last_used_at: now(),
        warned: None,
    }
}

fn dispatch(number: usize, price: u32) -> Dispatch {
    let last = u64::try_from(number).unwrap();
    Dispatch {
        id: format!("mail{number}-01").parse().unwrap(),
        serial: Serial::new(account().id, SerialNumber::after(last)),
        product: Product::Mail,
        submission: format!("mail{number}").parse().unwrap(),
        origin: Origin::Mail {
            inbound: format!("mail{number}").parse().unwrap(),
            sender: "taro@customer.test".parse().unwrap(),
        },
        recipient: Recipient::Mail("hanako@recipient.test".parse().unwrap()),
        accepted_at: now(),
        price: Points::new(price),
        thread: ThreadKey::new(1),
    }
}

fn reference(text: &str) -> GrantReference {
    text.parse().unwrap()
}

fn granted(points: u32, name: &str) -> Posting {
    let posting = grant(&account().id, Points::new(points), &reference(name), now());
    posting.unwrap()
}

/// What a store keeps of one account.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Books {
    balance: Balance,
    lines: BTreeMap<EntryId, LedgerEntry>,
}

impl Books {
    /// All of a posting or nothing.
    fn write(&mut self, posting: &Posting) -> bool {
        let mut after = self.clone();
        for line in &posting.lines {
            match line {
                LineWrite::New(entry) => {
                    if after.lines.insert(entry.id(), entry.clone()).is_some() {
                        return false;
                    }
                }
                LineWrite::Draw { points, .. } => {
                    let Some(LedgerEntry::Reservation { left, .. }) =
                        after.lines.get_mut(&line.id())
                    else {
                        return false;
                    };
                    let Some(rest) = left.get().checked_sub(points.get()) else {
                        return false;
                    };
                    *left = Points::new(rest);
                }
                LineWrite::End { to, .. } => {
                    let Some(LedgerEntry::Charge { state, .. }) = after.lines.get_mut(&line.id())
                    else {
                        return false;
                    };
                    if *state != ChargeState::Reserved {
                        return false;
                    }
                    *state = *to;
                }
            }
        }
        let Some(balance) = self.balance.after(posting) else {
            return false;
        };
        after.balance = balance;
        *self = after;
        true
    }

    fn sum(&self, counts: impl Fn(&LedgerEntry) -> bool) -> u64 {
        let counted = self.lines.values().filter(|entry| counts(entry));
        counted.map(|entry| u64::from(entry.points().get())).sum()
    }

    fn charged(&self, wanted: ChargeState) -> u64 {
        self.sum(|entry| matches!(entry, LedgerEntry::Charge { state, .. } if *state == wanted))
    }

    /// What submissions hold for recipients without a charge.
    fn undivided(&self) -> u64 {
        let left = self.lines.values().map(|entry| match entry {
            LedgerEntry::Reservation { left, .. } => u64::from(left.get()),
            LedgerEntry::Charge { .. } | LedgerEntry::Grant { .. } | LedgerEntry::Lapse { .. } => 0,
        });
        left.sum()
    }

    fn granted(&self) -> u64 {
        self.sum(|entry| matches!(entry, LedgerEntry::Grant { .. }))
    }

    fn lapsed(&self) -> u64 {
        self.sum(|entry| matches!(entry, LedgerEntry::Lapse { .. }))
    }
}

#[test]
fn points_lapse_wholly_and_not_while_some_are_reserved_i_046() {
    let mut books = Books::default();
    assert!(books.write(&granted(2, "a")));
    let all = lapse(&account(), Points::new(2), now());
    let mut open = books.clone();
    assert!(open.write(&reserve(&account().id, &[dispatch(0, 1)])));
    for points in 0..3 {
        assert!(!open.write(&lapse(&account(), Points::new(points), now())));
    }
    assert!(!books.write(&lapse(&account(), Points::new(1), now())));
    assert!(books.write(&all));
    assert_eq!(books.balance, Balance::default());
    assert!(!books.write(&all), "once");
    let mut empty = Books::default();
    assert!(empty.write(&lapse(&account(), Points::ZERO, now())));
}

#[test]
fn a_reservation_takes_what_all_dispatches_cost_or_nothing_i_042() {
    let mut books = Books::default();
    assert!(books.write(&granted(5, "a")));
    let before = books.clone();
    let dear = [dispatch(0, 3), dispatch(1, 3)];
    assert!(!books.write(&reserve(&account().id, &dear)));
    assert_eq!(books, before);
    assert!(books.write(&reserve(&account().id, &[dispatch(0, 3), dispatch(1, 2)])));
    let Balance {
        available,
        reserved,
    } = books.balance;
    assert_eq!((available.get(), reserved.get()), (0, 5));
}

#[test]
fn what_a_submission_holds_is_divided_among_its_recipients_and_not_more_i_042() {
    let submission = "mail0".parse().unwrap();
    let [one, two, three] = [0, 1, 2].map(|number| dispatch(number, 2));
    let divided = |dispatches: &[Dispatch]| divide(&account().id, &submission, dispatches);
    let mut books = Books::default();
    assert!(books.write(&granted(5, "a")));
    let held = |points| reserve_whole(&account().id, &submission, Points::new(points), now());
    assert!(
        !books.write(&divided(std::slice::from_ref(&one))),
        "nothing is held"
    );
    assert!(!books.write(&held(6)), "so many are not there");
    assert!(books.write(&held(4)));
    assert!(!books.write(&held(1)), "a submission holds once");
    let reserved = books.balance;
    assert_eq!((reserved.available.get(), reserved.reserved.get()), (1, 4));
    assert!(books.write(&divided(std::slice::from_ref(&two))));
    assert!(!books.write(&divided(&[two.clone(), one.clone()])), "twice");
    assert!(
        books.write(&post(&two, now())),
        "it may end before the others begin"
    );
    assert!(books.write(&divided(&[one])));
    assert!(!books.write(&divided(&[three])), "nothing is left");
    assert_eq!(books.undivided(), 0);
    let Balance {
        available,
        reserved,
    } = books.balance;
    assert_eq!((available.get(), reserved.get()), (1, 2));
}

#[test]
fn an_entry_ends_once_and_only_one_way() {
    let mut books = Books::default();
    assert!(books.write(&granted(5, "a")));
    let charged = dispatch(0, 2);
    assert!(!books.write(&post(&charged, now())), "nothing was reserved");
    assert!(books.write(&reserve(&account().id, std::slice::from_ref(&charged))));
    assert_eq!(end(&charged, ChargeState::Reserved, now()), None);
    assert_eq!(
        end(&charged, ChargeState::Voided, now()),
        Some(void(&charged, now()))
    );
    assert!(books.write(&post(&charged, now())));
    assert_eq!(books.balance, Balance::free(Points::new(3)));
    let ended = books.clone();
    assert!(!books.write(&post(&charged, now())));
    assert!(!books.write(&void(&charged, now())));
    assert_eq!(books, ended);
}

#[test]
fn points_are_granted_once_per_reference_and_never_more_than_can_be_counted() {
    let mut books = Books::default();
    assert!(books.write(&granted(POINTS_MAX, "a")));
    assert!(!books.write(&granted(0, "a")), "the reference is used");
    assert!(!books.write(&granted(1, "b")));
    let more = Points::new(POINTS_MAX + 1);
    assert_eq!(grant(&account().id, more, &reference("c"), now()), None);
    // Whatever is reserved and given back, the sum fits.
    let all = dispatch(0, POINTS_MAX);
    assert!(books.write(&reserve(&account().id, std::slice::from_ref(&all))));
    assert!(books.write(&granted(POINTS_MAX, "b")));
    assert!(books.write(&void(&all, now())));
    assert_eq!(books.balance.available.get(), 2 * POINTS_MAX);
}

/// Any posting, for one of a few dispatches, in any order.
#[derive(Debug, Clone)]
enum Act {
    Grant(u32, u8),
    Reserve(Vec<(usize, u32)>),
    ReserveWhole(u8, u32),
    Divide(u8, Vec<(usize, u32)>),
    Post(usize, u32),
    Void(usize, u32),
    Lapse(u32),
    LapseAll,
}

fn act() -> impl Strategy<Value = Act> {
    let points = || prop_oneof![0_u32..9, Just(POINTS_MAX), Just(u32::MAX)];
    let charge = || (0_usize..6, 0_u32..5);
    prop_oneof![
        (points(), 0_u8..5).prop_map(|(points, name)| Act::Grant(points, name)),
        proptest::collection::vec(charge(), 0..4).prop_map(Act::Reserve),
        (0_u8..3, 0_u32..12).prop_map(|(which, points)| Act::ReserveWhole(which, points)),
        (0_u8..3, proptest::collection::vec(charge(), 0..4))
            .prop_map(|(which, charges)| Act::Divide(which, charges)),
        charge().prop_map(|(which, price)| Act::Post(which, price)),
        charge().prop_map(|(which, price)| Act::Void(which, price)),
        (0_u32..9).prop_map(Act::Lapse),
        Just(Act::LapseAll),
    ]
}

/// Each once.
fn dispatches(charges: &[(usize, u32)]) -> Vec<Dispatch> {
    let each = charges
        .iter()
        .map(|(which, price)| (*which, dispatch(*which, *price)));
    let each: BTreeMap<usize, Dispatch> = each.collect();
    each.into_values().collect()
}

fn submission(which: u8) -> SubmissionId {
    format!("submission{which}").parse().unwrap()
}

impl Act {
    fn posting(&self, books: &Books) -> Option<Posting> {
        let id = account().id;
        // A dispatch has one price for good.
        let known = |which: usize, price: u32| {
            let charge = books.lines.get(&EntryId::Charge(dispatch(which, 0).id));
            dispatch(which, charge.map_or(price, |entry| entry.points().get()))
        };
        match self {
            Self::Grant(points, name) => {
                let reference = reference(&name.to_string());
                grant(&id, Points::new(*points), &reference, now())
            }
            Self::Reserve(charges) => Some(reserve(&id, &dispatches(charges))),
            Self::ReserveWhole(which, points) => Some(reserve_whole(
                &id,
                &submission(*which),
                Points::new(*points),
                now(),
            )),
            Self::Divide(which, charges) => {
                Some(divide(&id, &submission(*which), &dispatches(charges)))
            }
            Self::Post(which, price) => Some(post(&known(*which, *price), now())),
            Self::Void(which, price) => Some(void(&known(*which, *price), now())),
            Self::Lapse(points) => Some(lapse(&account(), Points::new(*points), now())),
            Self::LapseAll => Some(lapse(&account(), books.balance.available, now())),
        }
    }
}

proptest! {
    #[test]
    fn no_point_is_lost_doubled_or_invented(acts in proptest::collection::vec(act(), 0..60)) {
        let mut books = Books::default();
        for act in acts {
            let Some(posting) = act.posting(&books) else {
                continue;
            };
            let before = books.clone();
            if !books.write(&posting) {
                prop_assert_eq!(&books, &before);
                continue;
            }
            let again = books.clone();
            // What moves nothing changes nothing, however often it is written.
            let is_empty = posting
                .lines
                .iter()
                .all(|line| matches!(line, LineWrite::Draw { points: Points::ZERO, .. }));
            let is_refused = is_empty || !books.write(&posting);
            prop_assert!(is_refused, "it was written twice");
            prop_assert_eq!(&books, &again);
            let available = u64::from(books.balance.available.get());
            let reserved = books.charged(ChargeState::Reserved) + books.undivided();
            prop_assert_eq!(u64::from(books.balance.reserved.get()), reserved);
            let posted = books.charged(ChargeState::Posted);
            prop_assert_eq!(available + reserved + posted + books.lapsed(), books.granted());
        }
    }

    /// A store that keeps to the bounds has nothing to compute that could fail.
    #[test]
    fn within_its_bounds_a_posting_never_leaves_what_a_balance_holds(
        available in 0_u32..=POINTS_MAX,
        reserved in 0_u32..=POINTS_MAX,
        act in act(),
    ) {
        let [available, reserved] = [available, reserved].map(Points::new);
        let balance = Balance { available, reserved };
        let books = Books { balance, lines: BTreeMap::new() };
        let posting = act.posting(&books);
        if let Some(posting) = posting.filter(|posting| {
            posting.available.hold(balance.available) && posting.reserved.hold(balance.reserved)
        }) {
            prop_assert!(balance.after(&posting).is_some(), "{:?}", posting);
        }
    }
}
