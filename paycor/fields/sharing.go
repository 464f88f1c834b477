package fields

// Sharing names who may use a credential in lists of changed fields.
const Sharing Field = "sharing"
