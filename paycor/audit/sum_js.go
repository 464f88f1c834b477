package audit

// sum is not called in the page, which shows entries and hashes none. crypto/sha256
// would bring the self-tests of Go's cryptography into it.
func sum([]byte) string { panic("the page computes no hashes") }
