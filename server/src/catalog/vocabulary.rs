//! Names of attributes and of their values: what a front translates with.

use dce_engine::ids::{AttributeId, ValueCode};
use dce_engine::terms::Kind;
use hashbrown::HashMap;

/// Every declared attribute.
#[derive(Debug, Default)]
pub(crate) struct Vocabulary {
    attributes: Vec<Option<Attribute>>,
}

/// One attribute and its values.
#[derive(Debug)]
pub(crate) struct Attribute {
    pub(crate) id: AttributeId,
    pub(crate) name: String,
    pub(crate) kind: Kind,
    codes: HashMap<String, ValueCode>,
    names: HashMap<ValueCode, String>,
}

impl Vocabulary {
    /// An attribute was declared.
    pub(super) fn declare(&mut self, id: AttributeId, name: &str, kind: Kind) {
        let place = usize::from(id.0);
        if self.attributes.len() <= place {
            self.attributes.resize_with(place + 1, || None);
        }
        let (codes, names) = (HashMap::new(), HashMap::new());
        // Declaring one again with the same kind is a repeat, and is not in the log.
        self.attributes[place] = Some(Attribute { id, name: name.to_owned(), kind, codes, names });
    }

    /// A value got its name.
    pub(super) fn define(&mut self, id: AttributeId, code: ValueCode, name: &str) {
        if let Some(Some(attribute)) = self.attributes.get_mut(usize::from(id.0)) {
            if let Some(before) = attribute.names.insert(code, name.to_owned()) {
                attribute.codes.remove(&before);
            }
            attribute.codes.insert(name.to_owned(), code);
        }
    }

    /// The attribute of this name.
    pub(crate) fn by_name(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().flatten().find(|attribute| attribute.name == name)
    }

    /// The attribute with this id.
    pub(crate) fn get(&self, id: AttributeId) -> Option<&Attribute> {
        self.attributes.get(usize::from(id.0))?.as_ref()
    }
}

impl Attribute {
    /// The code of a value; the unknown one, which matches nothing but wildcards, for a name nobody defined.
    pub(crate) fn code(&self, name: &str) -> ValueCode {
        self.codes.get(name).copied().unwrap_or(ValueCode::UNKNOWN)
    }

    /// The name of a value.
    pub(crate) fn name_of(&self, code: ValueCode) -> Option<&str> {
        self.names.get(&code).map(String::as_str)
    }
}
