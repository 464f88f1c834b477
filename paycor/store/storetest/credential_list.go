package storetest

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/store"
	"paycorcred/paycor/verdicts"
)

func testListOrder(t *testing.T, s store.Store) {
	empty := list(t, s, "w", paycor.Query{})
	assert.Equal(t, paycor.CredentialPage{Credentials: []paycor.Credential{}}, empty)

	for _, c := range []paycor.Credential{
		newCredential("5", "zebra"), newCredential("3", "Apple"), newCredential("1", "apple"), newCredential("2", "APPLE"), newCredential("4", "äpfel"), newCredential("6", "Ärger"),
		newCredential("7", "Banana"), newCredential("8", ""),
	} {
		insert(t, s, "w", c, nil)
	}
	insert(t, s, "other", newCredential("9", "apple"), nil)
	want := []string{"8", "1", "2", "3", "7", "5", "4", "6"}
	page := list(t, s, "w", paycor.Query{})
	assert.Equal(t, want, ids(page))
	assert.Equal(t, len(want), page.Total)
	assert.Empty(t, page.Next)

	insert(t, s, "full", fullCredential("a"), someSecrets("a"))
	assert.Equal(t, fullCredential("a"), list(t, s, "full", paycor.Query{}).Credentials[0], "lists return complete credentials")

	for size := 1; size <= len(want)+1; size++ {
		assert.Equal(t, want, listAll(t, s, paycor.Query{Limit: size}, func() {}), "pages of %d", size)
	}
}

// listAll returns the ids of all pages and calls between after each page.
func listAll(t *testing.T, s store.Store, query paycor.Query, between func()) []string {
	t.Helper()
	found := []string{}
	for {
		page := list(t, s, "w", query)
		found = append(found, ids(page)...)
		require.LessOrEqual(t, len(page.Credentials), max(query.Limit, 1))
		if query.Cursor = page.Next; page.Next == "" {
			return found
		}
		between()
	}
}

func testPaging(t *testing.T, s store.Store) {
	const rows = 250
	want := []string{}
	for i := range rows {
		id := fmt.Sprintf("old-%03d", i)
		insert(t, s, "w", newCredential(id, fmt.Sprintf("Name %03d", i/2)), nil) // two of each name
		want = append(want, id)
	}
	inserted := 0
	found := listAll(t, s, paycor.Query{Limit: 20}, func() {
		for range 20 {
			insert(t, s, "w", newCredential(fmt.Sprintf("new-%03d", inserted), fmt.Sprintf("name %03d", inserted%(rows/2))), nil)
			inserted++
		}
	})
	require.GreaterOrEqual(t, inserted, rows-20)
	old := []string{}
	seen := map[string]bool{}
	for _, id := range found {
		assert.False(t, seen[id], "%s was listed twice", id)
		seen[id] = true
		if strings.HasPrefix(id, "old-") {
			old = append(old, id)
		}
	}
	assert.Equal(t, want, old, "credentials that existed before are listed once, in order")

	page := list(t, s, "w", paycor.Query{Limit: 10})
	last := page.Credentials[len(page.Credentials)-1]
	update(t, s, func(tx store.Tx) error { return tx.DeleteCredential("w", last.ID, last.Version) })
	next := list(t, s, "w", paycor.Query{Limit: 10, Cursor: page.Next})
	assert.Len(t, next.Credentials, 10, "a cursor stays valid when its credential is deleted")
	assert.NotContains(t, ids(page), next.Credentials[0].ID)
}

func testLimits(t *testing.T, s store.Store) {
	update(t, s, func(tx store.Tx) error {
		for i := range 250 {
			if err := tx.InsertCredential("w", newCredential(fmt.Sprintf("%03d", i), "same"), nil); err != nil {
				return err
			}
		}
		return nil
	})
	for limit, want := range map[int]int{0: 100, 1: 1, 200: 200, 201: 200, 1 << 40: 200, -5: 1} {
		page := list(t, s, "w", paycor.Query{Limit: limit})
		assert.Len(t, page.Credentials, want, "limit %d", limit)
		assert.Equal(t, 250, page.Total)
		assert.NotEmpty(t, page.Next)
	}
}

func testCursor(t *testing.T, s store.Store) {
	for i := range 3 {
		insert(t, s, "w", newCredential(fmt.Sprint(i), "same"), nil)
	}
	good := list(t, s, "w", paycor.Query{Limit: 1}).Next
	reject := func(workspace, cursor string) {
		t.Helper()
		err := s.View(testContext(t), func(r store.Reader) error {
			_, err := r.Credentials(workspace, paycor.Query{Cursor: cursor}, nil)
			return err
		})
		assert.Equal(t, paycor.KindMalformed, paycor.KindOf(err), "cursor %q: %v", cursor, err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(good)
	require.NoError(t, err)
	for i := range raw {
		changed := append([]byte{}, raw...)
		changed[i] ^= 1
		reject("w", base64.RawURLEncoding.EncodeToString(changed))
		reject("w", base64.RawURLEncoding.EncodeToString(raw[:i])+"A")
	}
	for _, cursor := range []string{"x", "!", "%", " ", good + "A", good + "=", "\x00", strings.Repeat("A", 10000)} {
		reject("w", cursor)
	}
	reject("another", good)
}

func testSearch(t *testing.T, s store.Store) {
	const idOfB = "cred_0000000000000000000000red1"
	a := newCredential("a", "Payroll ÉCOLE Straße")
	a.Description, a.LegalEntityName, a.LegalEntityID = "100% of_all\nnightly export", "ΜΈΓΑΣ ΟΊΚΟΣ", 987654
	b := newCredential("b", "Payroll Moscow МОСКВА")
	b.ID, b.ClientID = idOfB, "CAFE0001"
	b = b.WithVerdict(verdicts.Verdict{Outcome: verdicts.OutcomeRejected})
	c := newCredential("c", "日本 経理")
	c.Environment, c.Tags, c.Owner = "production", "bäckerei, two words", "Zoë"
	for _, credential := range []paycor.Credential{a, b, c} {
		insert(t, s, "w", credential, someSecrets("canary-"+credential.ID))
	}
	tests := []struct {
		search string
		want   []string
	}{
		{"", []string{idOfB, "a", "c"}},
		{"   ", []string{idOfB, "a", "c"}},
		{"payroll", []string{idOfB, "a"}},
		{"PAYROLL", []string{idOfB, "a"}},
		{"école", []string{"a"}},
		{"École payROLL", []string{"a"}},
		{"payroll москва", []string{idOfB}},
		{"москва école", []string{}},
		{"p e s o a n 1 éc", []string{"a"}}, // many words that all match
		{"p e s o a n 1 éc zzz", []string{}},
		{"p e s zzz", []string{}},
		{"ecole", []string{"a"}}, // accents
		{"PAYRÓLL ÈÇOLE", []string{"a"}},
		{"MEGAS", []string{}}, // another script
		{"μεγας", []string{"a"}},
		{"strasse", []string{"a"}},
		{"経", []string{"c"}},
		{"理", []string{"c"}},
		{"ay", []string{}}, // one or two letters begin a word
		{"ayr", []string{idOfB, "a"}},
		{"mo", []string{idOfB}},
		{"μέγας", []string{"a"}}, // final sigma
		{"straße", []string{"a"}},
		{"cafe0001", []string{idOfB}},
		{"9876", []string{"a"}},
		{"経理", []string{"c"}},
		{"nightly", []string{"a"}},
		{"%", []string{"a"}},
		{"100%", []string{"a"}},
		{"of_all", []string{"a"}},
		{"of.all", []string{}},
		{"ofxall", []string{}},
		{"_al", []string{"a"}},
		{"*", []string{}},
		{"'", []string{}},
		{`"`, []string{}},
		{`\`, []string{}},
		{"pay\x00roll", []string{}},
		{"\xff", []string{}},
		{"canary", []string{}},            // secrets are not searched
		{"bäckerei", []string{"c"}},       // tag
		{"zoe", []string{"c"}},            // owner
		{"sandbox", []string{idOfB, "a"}}, // environment
		{"production", []string{"c"}},
		{"not verified", []string{"a", "c"}}, // state
		{"NOT_VERIFIED", []string{"a", "c"}},
		{"rejected", []string{idOfB}},
		{idOfB, []string{idOfB}},
		{strings.ToUpper(idOfB) + " moscow", []string{idOfB}},
		{idOfB + " école", []string{}},
		{idOfB + " cred_00000000000000000000000000", []string{}},
		{"red1", []string{}}, // a part of an ID
		{"cred", []string{}},
	}
	for _, test := range tests {
		t.Run(fmt.Sprintf("%q", test.search), func(t *testing.T) {
			page := list(t, s, "w", paycor.Query{Search: test.search})
			assert.Equal(t, test.want, ids(page))
			assert.Equal(t, len(test.want), page.Total)
			assert.Equal(t, test.want, listAll(t, s, paycor.Query{Search: test.search, Limit: 1}, func() {}))
		})
	}

	b.Name, b.Version = "renamed", 2
	update(t, s, func(tx store.Tx) error { return tx.UpdateCredential("w", b, 1, nil) })
	assert.Equal(t, []string{idOfB}, ids(list(t, s, "w", paycor.Query{Search: "Renamed"})))
	assert.Equal(t, []string{"a"}, ids(list(t, s, "w", paycor.Query{Search: "payroll"})))
}

func testAllowList(t *testing.T, s store.Store) {
	for _, id := range []string{"a", "b", "c"} {
		insert(t, s, "w", newCredential(id, "name "+id), nil)
	}
	page := list(t, s, "w", paycor.Query{}, "c", "a", "none", `"]`)
	assert.Equal(t, []string{"a", "c"}, ids(page))
	assert.Equal(t, 2, page.Total)
	page = list(t, s, "w", paycor.Query{Search: "name"}, "b")
	assert.Equal(t, []string{"b"}, ids(page))
	assert.Empty(t, ids(list(t, s, "w", paycor.Query{}, "none")))
	const found, hidden = "cred_00000000000000000000000001", "cred_00000000000000000000000002"
	insert(t, s, "w", newCredential(found, "found"), nil)
	insert(t, s, "w", newCredential(hidden, "hidden"), nil)
	assert.Equal(t, []string{found}, ids(list(t, s, "w", paycor.Query{Search: found}, found, "a")))
	assert.Empty(t, ids(list(t, s, "w", paycor.Query{Search: hidden}, found, "a")))
}
