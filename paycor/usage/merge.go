package usage

import "slices"

// Merge returns the usage of several credentials together: their hours and users added
// up. Failures stay with their credentials.
func Merge(all ...Usage) Usage {
	var merged Usage
	for _, one := range all {
		merged.addHours(one.Hours)
		merged.addUsers(one.Users)
	}
	slices.SortStableFunc(merged.Users, func(a, b User) int { return b.LastUsedAt.Compare(a.LastUsedAt) })
	return merged
}

func (u *Usage) addHours(hours []Hour) {
	for _, hour := range hours {
		i, found := slices.BinarySearchFunc(u.Hours, hour, func(a, b Hour) int { return a.Begins.Compare(b.Begins) })
		if !found {
			u.Hours = slices.Insert(u.Hours, i, hour)
			continue
		}
		u.Hours[i].Add(hour.Counts)
	}
}

func (u *Usage) addUsers(users []User) {
	for _, user := range users {
		i := slices.IndexFunc(u.Users, func(known User) bool { return known.Kind == user.Kind && known.ID == user.ID })
		if i < 0 {
			u.Users = append(u.Users, user)
			continue
		}
		known := &u.Users[i]
		known.Day.Add(user.Day)
		if user.LastUsedAt.After(known.LastUsedAt) {
			known.LastUsedAt = user.LastUsedAt
		}
	}
}
