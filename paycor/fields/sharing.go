package fields

// FieldSharing names who may use a credential where the fields that changed
// are named.
const Sharing Field = "sharing"
