package app

import "slices"

// toggled returns a copy of a list without an item that it has, or else with it at the end.
func toggled[List ~[]T, T comparable](list List, item T) List {
	if i := slices.Index(list, item); i >= 0 {
		return slices.Delete(slices.Clone(list), i, i+1)
	}
	return append(slices.Clone(list), item)
}
