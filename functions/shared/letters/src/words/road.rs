//! The roads of an offer, and why one of them failed.

use domain::{Channel, Fate, NotAttempted, Words};

/// What a road is called.
#[must_use]
pub fn road_words(channel: Channel) -> Words {
    match channel {
        Channel::Mail => Words::new("メール", "mail"),
        Channel::Sms => Words::new("SMS", "SMS"),
    }
}

/// Why an offer was not delivered on a road, in honest words.
#[must_use]
pub fn failed_road_words(channel: Channel, fate: Fate) -> Words {
    match (channel, fate) {
        (Channel::Mail, Fate::Noex) => Words::new(
            "宛先のメールアドレスまたはドメインが存在しないなどの理由で、配達できないと通知されました。",
            "A report says that the address or its domain does not exist or never takes mail.",
        ),
        (Channel::Sms, Fate::Noex) => Words::new(
            "宛先の番号が存在しないと通知されました。",
            "A report says that there is no such number.",
        ),
        (_, Fate::Undelivered) => Words::new(
            "配達できなかったと通知されました。宛先が存在しないことを示すものではありません。",
            "A report says that it could not be delivered. This does not show that the destination \
             does not exist.",
        ),
        (_, Fate::NotAttempted(NotAttempted::Suppressed)) => Words::new(
            "宛先が送信事業者の配信停止リストにあるか、受信を拒否しているため、送信されませんでした。",
            "Nothing was sent, because the destination is on the provider's suppression list or \
             opted out.",
        ),
        (_, Fate::NotAttempted(NotAttempted::ProviderRefused)) => Words::new(
            "送信事業者がメッセージの内容などを理由に受け取らなかったため、送信されませんでした。",
            "Nothing was sent, because the provider refused the message, for instance for its \
             content.",
        ),
        (_, Fate::NotAttempted(NotAttempted::SpendingLimit)) => Words::new(
            "本サービスのSMS利用上限に達していたため、送信されませんでした。",
            "Nothing was sent, because the service had reached its own spending limit for SMS.",
        ),
        (_, Fate::NotAttempted(NotAttempted::DeadlinePassed)) => Words::new(
            "期限までに送信を始められませんでした。",
            "Sending could not begin before the deadline.",
        ),
        // Not a failure; the caller knows better.
        (_, Fate::Relayed) => Words::new(
            "宛先のメールサーバーまたは通信事業者に届きました。",
            "The recipient's mail server or carrier took it over.",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_reason_promises_an_effect_in_law_q_9() {
        for channel in Channel::ALL {
            for fate in Fate::ALL {
                let words = failed_road_words(channel, fate);
                crate::promises::check(words.japanese);
                crate::promises::check(words.english);
            }
        }
    }
}
