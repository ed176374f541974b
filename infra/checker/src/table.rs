//! Reading table `core`, always strongly consistent: all of it once, and again what looks wrong.

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;

use crate::item::{Item, Place};
use crate::{CheckError, Target};

/// The table.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    client: Client,
    name: String,
}

impl Table {
    pub fn of(target: &Target) -> Self {
        Table { client: Client::new(&target.aws), name: target.core_table.clone() }
    }

    /// Every item, page by page. A walk is no snapshot: what changes meanwhile may be seen before or after.
    pub async fn each(&self, mut seen: impl FnMut(Item)) -> Result<(), CheckError> {
        let mut pages = self.client.scan().table_name(&self.name).consistent_read(true).into_paginator().send();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CheckError::aws(&self.name, &error))?;
            page.items.unwrap_or_default().into_iter().for_each(|item| seen(Item(item)));
        }
        Ok(())
    }

    /// Every item of a partition whose sort key begins so.
    pub async fn partition(&self, pk: &str, sk_begins: &str) -> Result<Vec<Item>, CheckError> {
        let query = self.client.query().table_name(&self.name).consistent_read(true);
        let query = query.expression_attribute_names("#pk", "pk");
        let query = query.expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
        let query = match sk_begins {
            "" => query.key_condition_expression("#pk = :pk"),
            begins => query
                .key_condition_expression("#pk = :pk AND begins_with(#sk, :sk)")
                .expression_attribute_names("#sk", "sk")
                .expression_attribute_values(":sk", AttributeValue::S(begins.to_owned())),
        };
        let mut pages = query.into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| CheckError::aws(&self.name, &error))?;
            found.extend(page.items.unwrap_or_default().into_iter().map(Item));
        }
        Ok(found)
    }

    /// One item, if it is there.
    pub async fn item(&self, place: &Place) -> Result<Option<Item>, CheckError> {
        let call = self.client.get_item().table_name(&self.name).consistent_read(true);
        let call = call.key("pk", AttributeValue::S(place.pk.clone())).key("sk", AttributeValue::S(place.sk.clone()));
        let answer = call.send().await.map_err(|error| CheckError::aws(&self.name, &error))?;
        Ok(answer.item.map(Item))
    }
}
