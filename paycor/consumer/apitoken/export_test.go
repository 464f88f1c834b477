package apitoken

// Cached returns how many tokens are cached.
func Cached(t *Tokens) int { return t.cache.Len() }
