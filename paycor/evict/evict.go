// Package evict bounds maps of recently used items. It imports no other package of this module.
package evict

// sampled is how many entries Oldest compares. With 16, what it evicts is among the
// oldest eighth nearly always, at the same cost for any size of the map, and using an
// entry needs no lock to reorder a list.
const sampled = 16

// Oldest returns the key of an entry that has not been used for long: the oldest of some
// that a map's random order brings. usedAt returns when an entry was used, and whether it
// may be evicted. ok is false if none of them may.
func Oldest[K comparable, V any](entries map[K]V, usedAt func(V) (at int64, evictable bool)) (oldest K, ok bool) {
	var oldestAt int64
	seen := 0
	for key, entry := range entries {
		if at, evictable := usedAt(entry); evictable && (!ok || at < oldestAt) {
			oldest, oldestAt, ok = key, at, true
		}
		if seen++; seen == sampled {
			break
		}
	}
	return oldest, ok
}
