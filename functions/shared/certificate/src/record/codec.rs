//! How values of the domain are written in `evidence.json`. Records use these by `with`; what is
//! written here is what frozen versions have written, so that nothing in here changes, and another
//! spelling is another module.

/// Types that are parsed from the text that they are shown as.
pub(crate) mod text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(D::Error::custom)
    }
}

/// The same for values that may be missing.
pub(crate) mod text_option {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<T: Display, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => serializer.collect_str(value),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let text = Option::<String>::deserialize(deserializer)?;
        let parsed = text.map(|text| text.parse()).transpose();
        parsed.map_err(D::Error::custom)
    }
}

/// A time zone by its IANA name.
pub(crate) mod zone {
    use domain::ZoneName;
    use serde::{Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(
        zone: &ZoneName,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(zone.as_str())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ZoneName, D::Error> {
        super::text::deserialize(deserializer)
    }
}

/// A digest, with the name of its method (ETSI EN 319 522-3: DigestMethod, DigestValue). The
/// value is in hexadecimal, as on the pages.
pub(crate) mod digest {
    use domain::Sha256Digest;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    /// XML Encryption, section 5.8.2.
    pub(crate) const METHOD: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Wire {
        digest_method: String,
        digest_value: String,
    }

    pub(crate) fn serialize<S: Serializer>(
        digest: &Sha256Digest,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            digest_method: METHOD.to_owned(),
            digest_value: digest.to_string(),
        };
        wire.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Sha256Digest, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        if wire.digest_method != METHOD {
            return Err(D::Error::custom("the only digest method here is SHA-256"));
        }
        wire.digest_value.parse().map_err(D::Error::custom)
    }
}

/// Bytes that are mostly text: as text where that is short and exact, else in base64 (RFC 4648,
/// section 4).
pub(crate) mod octets {
    use base64_simd::STANDARD;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[derive(Serialize, Deserialize)]
    enum Wire {
        Text(String),
        Base64(String),
    }

    fn to_wire(octets: &[u8]) -> Wire {
        let is_plain = |text: &&str| {
            !text
                .chars()
                .any(|c| c.is_control() && !"\t\r\n".contains(c))
        };
        match std::str::from_utf8(octets).ok().filter(is_plain) {
            Some(text) => Wire::Text(text.to_owned()),
            None => Wire::Base64(STANDARD.encode_to_string(octets)),
        }
    }

    fn from_wire<E: Error>(wire: Wire) -> Result<Vec<u8>, E> {
        match wire {
            Wire::Text(text) => Ok(text.into_bytes()),
            Wire::Base64(text) => STANDARD.decode_to_vec(text).map_err(E::custom),
        }
    }

    pub(crate) fn serialize<S: Serializer>(
        octets: &[u8],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        to_wire(octets).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        from_wire(Wire::deserialize(deserializer)?)
    }

    /// The same for bytes that may be missing.
    pub(crate) mod option {
        use super::{Deserialize, Deserializer, Serialize, Serializer, Wire};

        #[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
        pub(crate) fn serialize<S: Serializer>(
            octets: &Option<Vec<u8>>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            octets.as_deref().map(super::to_wire).serialize(serializer)
        }

        pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Vec<u8>>, D::Error> {
            let wire = Option::<Wire>::deserialize(deserializer)?;
            wire.map(super::from_wire).transpose()
        }
    }
}
pub(crate) use octets::option as octets_option;

/// An event of the vocabulary, by its URI.
pub(crate) mod event_id {
    use domain::{EtsiEvent, Named};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) const PREFIX: &str = "http://uri.etsi.org/19522/Event/";

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        clippy::ref_option,
        reason = "serde gives a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        event: &Option<EtsiEvent>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match event {
            Some(event) => serializer.collect_str(&format_args!("{PREFIX}{}", event.name())),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<EtsiEvent>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let name = text.strip_prefix(PREFIX);
        let event = EtsiEvent::ALL.into_iter().find(|e| Some(e.name()) == name);
        let unknown = || D::Error::custom("an event that this service does not report");
        event.map(Some).ok_or_else(unknown)
    }
}

/// Where the message went.
pub(crate) mod recipient {
    use domain::{EmailAddress, MobileNumber, Recipient};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Wire {
        #[serde(with = "super::text_option")]
        mail: Option<EmailAddress>,
        #[serde(with = "super::text_option")]
        mobile: Option<MobileNumber>,
    }

    pub(crate) fn serialize<S: Serializer>(
        recipient: &Recipient,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let wire = Wire {
            mail: recipient.mail().cloned(),
            mobile: recipient.mobile().cloned(),
        };
        wire.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Recipient, D::Error> {
        let Wire { mail, mobile } = Wire::deserialize(deserializer)?;
        let nobody = || D::Error::custom("a recipient has an address or a number");
        Recipient::from_parts(mail, mobile).ok_or_else(nobody)
    }
}

/// A price.
pub(crate) mod points {
    use domain::Points;
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde gives a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        points: &Points,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u32(points.get())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Points, D::Error> {
        u32::deserialize(deserializer).map(Points::new)
    }
}

/// How long an offer waited, in hours.
pub(crate) mod deadline {
    use domain::AnswerDeadline;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde gives a reference to the field"
    )]
    pub(crate) fn serialize<S: Serializer>(
        deadline: &AnswerDeadline,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_u16(deadline.hours())
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<AnswerDeadline, D::Error> {
        AnswerDeadline::from_hours(u16::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// Values of the domain that have stable names.
pub(crate) mod named {
    use domain::Named;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<T: Named, S: Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value.name())
    }

    pub(crate) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<T, D::Error> {
        let name = String::deserialize(deserializer)?;
        of_name(&name).map_err(D::Error::custom)
    }

    /// The value of a name.
    pub(crate) fn of_name<T: Named>(name: &str) -> Result<T, &'static str> {
        T::of_name(name).ok_or("a name that is none of the known ones")
    }
}

/// The same for a list.
pub(crate) mod named_list {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use domain::Named;

    use super::named::of_name;

    pub(crate) fn serialize<T: Named, S: Serializer>(
        values: &[T],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(values.iter().map(|value| value.name()))
    }

    pub(crate) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<T>, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let values = names
            .iter()
            .map(|name| of_name(name).map_err(D::Error::custom));
        values.collect()
    }
}

/// The same for a value that may be missing.
pub(crate) mod named_option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    use domain::Named;

    use super::named::of_name;

    #[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
    pub(crate) fn serialize<T: Named, S: Serializer>(
        value: &Option<T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value.map(Named::name).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, T: Named, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<T>, D::Error> {
        let name = Option::<String>::deserialize(deserializer)?;
        let value = name.map(|name| of_name(&name).map_err(D::Error::custom));
        value.transpose()
    }
}

/// In which character set a text was read.
pub(crate) mod charset {
    use domain::{Charset, CharsetReason};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    struct Wire {
        /// By its name of the WHATWG Encoding Standard.
        read_as: String,
        /// Why that one.
        #[serde(with = "super::named")]
        reason: CharsetReason,
        /// The label that the mail carried, if any.
        label: Option<String>,
    }

    #[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        charset: &Option<Charset>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let wire = charset.as_ref().map(|charset| Wire {
            read_as: charset.read_as.clone(),
            reason: charset.reason,
            label: charset.label.clone(),
        });
        wire.serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Charset>, D::Error> {
        let wire = Option::<Wire>::deserialize(deserializer)?;
        Ok(wire.map(|wire| Charset {
            label: wire.label,
            read_as: wire.read_as,
            reason: wire.reason,
        }))
    }
}
