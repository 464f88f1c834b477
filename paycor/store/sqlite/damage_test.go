package sqlite_test

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"paycorcred/paycor"
	"paycorcred/paycor/activation"
	"paycorcred/paycor/audit"
	"paycorcred/paycor/embed"
	"paycorcred/paycor/fields"
	"paycorcred/paycor/listing"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
	"paycorcred/paycor/store/sqlite"
	"paycorcred/paycor/store/storetest"
	"paycorcred/paycor/usage"
)

// One damaged row does not keep the others from being listed, and the inspector names it.
func TestDamagedRowIsListed(t *testing.T) {
	t.Parallel()
	for column, value := range map[string]string{
		"verdict": "'{'", "settled": "'[1]'", "rotation": "'x'", "created_at": "'yesterday'", "updated_at": "'x'", "last_used_at": "'x'", "activated_at": "'x'", "shared": "'{'",
	} {
		t.Run(column, func(t *testing.T) {
			t.Parallel()
			path := newDatabase(t)
			s := open(t, sqlite.Config{Path: path})
			require.NoError(t, storetest.SaveWithAudit(s, "b"))
			table, id := "credentials", "a"
			if column == "rotation" || column == "activated_at" {
				table, id = "applications", "app_a"
			}
			_, err := openRaw(t, path).Exec("UPDATE " + table + " SET " + column + " = " + value + " WHERE id = '" + id + "'")
			require.NoError(t, err)
			require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
				page, err := r.Credentials("w", paycor.Query{}, nil)
				assert.Len(t, page.Credentials, 2)
				damaged, readErr := r.Credential("w", "a")
				assert.NoError(t, readErr)
				assert.Equal(t, paycor.StateNotVerified, damaged.State)
				if column == "shared" {
					assert.Equal(t, &paycor.Sharing{People: []string{}, Groups: []string{}}, damaged.Sharing, "shared with nobody")
				}
				return err
			}))
			assert.Equal(t, []string{"a"}, inspect(t, path).damaged)
		})
	}
}

// inspected is what an inspector found.
type inspected struct {
	integrity error
	damaged   []string
	unopened  []store.UnopenedSecret
	altered   []*store.AlteredError
}

func inspect(t *testing.T, path string) (found inspected) {
	t.Helper()
	i, err := sqlite.OpenInspector(t.Context(), sqlite.Config{Path: path})
	require.NoError(t, err)
	defer i.Close()
	schema, own := i.Schema()
	assert.Equal(t, own, schema)
	found.integrity = i.Integrity(t.Context())
	require.NoError(t, i.OpenKey(t.Context()))
	damaged, err := i.DamagedCredentials(t.Context())
	require.NoError(t, err)
	for _, key := range damaged {
		found.damaged = append(found.damaged, key.Credential)
	}
	found.unopened, _, err = i.UnopenedSecrets(t.Context())
	require.NoError(t, err)
	found.altered, err = i.AlteredRecords(t.Context())
	require.NoError(t, err)
	return found
}

func TestInspector(t *testing.T) {
	t.Parallel()
	path := newAuthority(t)
	assert.Equal(t, inspected{}, inspect(t, path), "nothing is wrong")
	_, err := openRaw(t, path).Exec(`UPDATE secrets SET sealed = x'0102' WHERE field = 'client_secret'; UPDATE tokens SET rights = '["admin"]'`)
	require.NoError(t, err)
	found := inspect(t, path)
	assert.NoError(t, found.integrity)
	assert.Equal(t, []store.UnopenedSecret{{Workspace: "w", Record: "a", Field: "client_secret"}}, found.unopened)
	assert.Len(t, found.altered, 1)
	_, err = openRaw(t, path).Exec(`PRAGMA foreign_keys = OFF; DELETE FROM credentials`)
	require.NoError(t, err)
	assert.Error(t, inspect(t, path).integrity, "secrets of no credential")
}

// The inspector tries every sealed value, wherever it is, and the store lets none of
// them keep more from working than what needs it.
func TestInspectorTriesEverySealedValue(t *testing.T) {
	t.Parallel()
	path := newDatabase(t)
	s := open(t, sqlite.Config{Path: path})
	at := time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)
	secret := paycor.NewSecret("invented")
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		return errors.Join(
			tx.InsertActivation(store.Activation{Hash: []byte("state"), Workspace: "w", Credential: "a", Verifier: secret, CreatedAt: at, ExpiresAt: at}),
			tx.InsertNotificationChannel(notification.Channel{ID: "c", Workspace: "w"}, store.NotificationTarget{Address: secret}),
			tx.InsertSession(store.Session{Hash: []byte("session"), ID: "s", Caller: paycor.Caller{ID: "ann", Workspace: "w"}, IDTokenHint: secret, CreatedAt: at, ExpiresAt: at}))
	}))
	require.Empty(t, inspect(t, path).unopened)
	_, err := openRaw(t, path).Exec(`UPDATE activations SET verifier = x'0102'; UPDATE sessions SET hint = x'0102'; UPDATE notification_channels SET sealed = x'0102'`)
	require.NoError(t, err)
	assert.Equal(t, []store.UnopenedSecret{
		{Workspace: "w", Record: "a", Field: fields.CodeVerifier}, {Workspace: "w", Record: "c", Field: store.NotificationTargetField},
		{Workspace: "w", Record: "s", Field: store.IDTokenField},
	}, inspect(t, path).unopened)
	require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
		_, err := r.Activation([]byte("state"))
		assert.ErrorIs(t, err, store.ErrNotFound, "it has to be started again")
		sessions, err := r.Sessions("w", "")
		assert.Len(t, sessions, 1)
		return err
	}))
}

// A damaged page of the file keeps no list from being read, whichever table or index it
// belongs to. What cannot be read is left out and counted.
func TestDamagedPageIsLeftOut(t *testing.T) {
	t.Parallel()
	const count = 400
	whole := newDatabase(t)
	s := open(t, sqlite.Config{Path: whole})
	for i := range count - 1 {
		require.NoError(t, storetest.SaveWithAudit(s, fmt.Sprintf("more %03d", i)))
	}
	today := paycor.DayOf(time.Now())
	var counts listing.Counts // of all credentials
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		for i, tags := range []paycor.Tags{"payroll", "payroll, nightly", ""} {
			credential, err := tx.Credential("w", fmt.Sprintf("more %03d", i))
			if err != nil {
				return err
			}
			credential.Tags, credential.Owner, credential.RotateBy = tags, "Ann", today
			if err := tx.UpdateCredential("w", credential, credential.Version, nil); err != nil {
				return err
			}
		}
		var err error
		counts, err = tx.CredentialCounts("w", paycor.Query{Today: today}, nil)
		return err
	}))
	require.Equal(t, count, counts.Total)
	require.Equal(t, 3, counts.RotateSoon)
	require.Len(t, counts.Tags, 2)
	require.NoError(t, s.Close())
	pages := map[string][]int{} // leaf pages
	rows, err := openRaw(t, whole).Query(`SELECT name, pageno FROM dbstat WHERE pagetype = 'leaf'`)
	require.NoError(t, err)
	for rows.Next() {
		var name string
		var page int
		require.NoError(t, rows.Scan(&name, &page))
		pages[name] = append(pages[name], page)
	}
	require.NoError(t, rows.Close())
	for _, c := range []struct {
		name string // of a table or an index
		lost bool   // whether credentials are lost
	}{{"credentials", true}, {"search_documents", false}, {"search_documents_name", false}, {"search_trigrams_data", false}, {"secrets", true},
		{"search_counts", false}, {"search_label_counts", false}} {
		leaves := pages[c.name]
		for how, with := range map[string]byte{"zeroed": 0, "overwritten": 0x5a} {
			t.Run(c.name+" "+how, func(t *testing.T) {
				t.Parallel()
				path := filepath.Join(t.TempDir(), "paycorcred.db")
				copyFile(t, whole, path)
				copyFile(t, keyFileOf(whole), keyFileOf(path))
				overwritePage(t, path, leaves[len(leaves)/2], with)
				i, err := sqlite.OpenInspector(t.Context(), sqlite.Config{Path: path})
				require.NoError(t, err)
				assert.Error(t, i.Integrity(t.Context()))
				lost, err := i.LostCredentials(t.Context())
				require.NoError(t, errors.Join(err, i.Close()))
				s := open(t, sqlite.Config{Path: path})
				for search, want := range map[string]int{"": count, "more": count - 1} {
					query, found, unreadable := paycor.Query{Search: search}, map[string]bool{}, 0
					for more := true; more; more = query.Cursor != "" {
						require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
							page, err := r.Credentials("w", query, nil)
							for _, credential := range page.Credentials {
								found[credential.ID] = true
							}
							unreadable += page.Unreadable
							query.Cursor = page.Next
							return err
						}))
					}
					assert.Equal(t, c.lost, unreadable > 0, search)
					assert.Len(t, lost, unreadable)
					assert.Greater(t, len(found), count/2)
					assert.Equal(t, want, len(found)+unreadable, "%q: nothing is left out without a word", search)
				}
				require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
					counted, err := r.CredentialCounts("w", paycor.Query{Today: today}, nil)
					assert.Equal(t, counts, counted)
					return err
				}))
			})
		}
	}
}

// overwritePage overwrites a page of a database file.
func overwritePage(t *testing.T, path string, page int, with byte) {
	t.Helper()
	size := queryOne[int](t, path, "PRAGMA page_size")
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	require.NoError(t, err)
	_, err = file.WriteAt(bytes.Repeat([]byte{with}, size), int64(page-1)*int64(size))
	require.NoError(t, errors.Join(err, file.Close()))
}

// A damaged record that gives authority is listed with the others, and gives none.
func TestDamagedAuthorityIsListed(t *testing.T) {
	t.Parallel()
	for table, columns := range map[string][]string{
		"tokens":        {"rights", "credentials", "created_at", "expires_at", "revoked_at"},
		"hosts":         {"origins", "rights", "created_at"},
		"embed_tenants": {"rights", "created_at", "tenant"},
		"sessions":      {"caller", "created_at", "expires_at"},
	} {
		for _, column := range columns {
			t.Run(table+" "+column, func(t *testing.T) {
				t.Parallel()
				path := newAuthority(t)
				s := open(t, sqlite.Config{Path: path})
				_, err := openRaw(t, path).Exec("UPDATE " + table + " SET " + column + " = '{'")
				require.NoError(t, err)
				require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
					tokens, err := r.APITokens("w", store.APITokenPosition{}, 10)
					hosts, hostsErr := r.EmbedHosts("w")
					tenants, tenantsErr := r.EmbedTenants("host")
					sessions, sessionsErr := r.Sessions("w", "")
					require.NoError(t, errors.Join(err, hostsErr, tenantsErr, sessionsErr))
					require.Len(t, tokens, 1)
					require.Len(t, hosts, 1)
					require.Len(t, sessions, 1)
					assert.Equal(t, table == "tokens", tokens[0].Altered)
					assert.Equal(t, table == "hosts", hosts[0].Altered)
					require.Len(t, tenants, 1)
					assert.Equal(t, table == "embed_tenants", tenants[0].Altered)
					altered := &store.AlteredError{}
					_, err = r.APIToken([]byte("token"))
					assert.Equal(t, table == "tokens", errors.As(err, &altered), "%v", err)
					_, err = r.EmbedHost("host")
					assert.Equal(t, table == "hosts", errors.As(err, &altered), "%v", err)
					_, err = r.EmbedTenant("host", "acme")
					assert.Equal(t, table == "embed_tenants", errors.As(err, &altered), "%v", err)
					_, err = r.Session([]byte("session"))
					assert.Equal(t, table == "sessions", errors.As(err, &altered), "%v", err)
					return nil
				}))
			})
		}
	}
}

// A damaged page of the audit trail leaves out the entries on it and no others, also those
// of one credential, whose index may be what is damaged.
func TestDamagedPageOfTheAuditTrail(t *testing.T) {
	t.Parallel()
	const count = 400
	whole := newDatabase(t)
	s := open(t, sqlite.Config{Path: whole})
	for i := range count {
		require.NoError(t, storetest.SaveWithAudit(s, fmt.Sprintf("more %03d", i)))
	}
	require.NoError(t, s.Close())
	for name, lost := range map[string]bool{"audit": true, "audit_of_credential": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var page int
			require.NoError(t, openRaw(t, whole).QueryRow(`SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND name = ? LIMIT 1 OFFSET 1`, name).Scan(&page))
			path := filepath.Join(t.TempDir(), "paycorcred.db")
			copyFile(t, whole, path)
			copyFile(t, keyFileOf(whole), keyFileOf(path))
			overwritePage(t, path, page, 0x5a)
			s := open(t, sqlite.Config{Path: path})
			found, unreadable := map[int64]bool{}, 0
			scan := store.AuditScan{MaxScanned: 100, Limit: 30}
			for more := true; more; more = scan.From != 0 {
				require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
					entries, next, err := r.SearchAudit("w", audit.Query{}, scan)
					if damaged, is := errors.AsType[*store.DamagedError](err); is {
						unreadable, err = unreadable+damaged.Lost, nil
					}
					for _, entry := range entries {
						assert.False(t, found[entry.Sequence], "twice")
						found[entry.Sequence] = true
					}
					scan.From = next
					return err
				}))
			}
			total := count + 1
			assert.Equal(t, lost, unreadable > 0)
			assert.Less(t, unreadable, 60)
			assert.Equal(t, total, len(found)+unreadable)

			for i := range count {
				require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
					entries, _, err := r.SearchAudit("w", audit.Query{Credential: fmt.Sprintf("more %03d", i)}, store.AuditScan{MaxScanned: 1000, Limit: 30})
					if damaged, is := errors.AsType[*store.DamagedError](err); is {
						assert.True(t, lost)
						assert.Equal(t, unreadable, damaged.Lost)
						return nil
					}
					assert.Len(t, entries, 1)
					return err
				}))
			}
		})
	}
}

// A damaged page of the tokens, sign-ins or sites leaves out the ones on it and no others.
// The records that can be read are checked for alterations, so that a server starts.
func TestDamagedPageOfAuthority(t *testing.T) {
	t.Parallel()
	const count = 120
	whole := newDatabase(t)
	s := open(t, sqlite.Config{Path: whole})
	at := time.Date(2026, 11, 29, 1, 2, 3, 0, time.UTC)
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) (err error) {
		err = tx.InsertCredential("w", paycor.Credential{ID: "c", ApplicationID: "app"}, nil)
		for i := range count {
			id, hash := fmt.Sprintf("%03d", i), []byte(fmt.Sprintf("hash %03d", i*37%count))
			caller := paycor.Caller{Kind: paycor.CallerPerson, ID: "ann", Workspace: "w", Name: "Ann", Rights: paycor.AllRights()}
			err = errors.Join(err,
				tx.InsertAPIToken(store.APIToken{ID: "token " + id, Hash: hash, Name: "n " + id, Workspace: "w", Rights: caller.Rights, CreatedAt: at.Add(time.Duration(i) * time.Second)}),
				tx.InsertSession(store.Session{Hash: hash, ID: "session " + id, Caller: caller, CreatedAt: at.Add(time.Duration(i) * time.Second), ExpiresAt: at}),
				tx.InsertActivationLink(store.ActivationLink{Hash: hash, Workspace: "w", Credential: "c", Link: activation.Link{ID: "link " + id, CreatedAt: at.Add(time.Duration(i) * time.Second), ExpiresAt: at}}),
				tx.InsertEmbedHost(embed.Host{ID: "host-" + id, Workspace: "w", Name: "n " + id, Origins: []string{"https://a.example"}, Rights: caller.Rights, CreatedAt: at, Version: 1}))
		}
		return err
	}))
	require.NoError(t, s.Close())
	for table, indexes := range map[string][]string{
		"tokens": {"tokens_of_workspace"}, "sessions": {"sessions_of_person"}, "hosts": {"hosts_of_workspace"},
		"activation_links": {"activation_links_of_credential"},
	} {
		for _, name := range append(indexes, table) {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				var page int
				require.NoError(t, openRaw(t, whole).QueryRow(`SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND name = ? LIMIT 1`, name).Scan(&page))
				path := filepath.Join(t.TempDir(), "paycorcred.db")
				copyFile(t, whole, path)
				copyFile(t, keyFileOf(whole), keyFileOf(path))
				overwritePage(t, path, page, 0x5a)
				s := open(t, sqlite.Config{Path: path})
				lists := map[string]int{}
				unreadable := 0
				require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
					for after, more := (store.APITokenPosition{}), true; more; {
						tokens, err := r.APITokens("w", after, 50)
						lost, err := store.Lost(err)
						require.NoError(t, err)
						assert.True(t, lost == 0 || after == store.APITokenPosition{}, "only the first page counts them")
						assert.True(t, slices.IsSortedFunc(tokens, func(a, b store.APIToken) int { return b.CreatedAt.Compare(a.CreatedAt) }))
						lists["tokens"] += len(tokens)
						unreadable += lost
						if more = len(tokens) == 50; more {
							after = tokens[49].Position()
						}
					}
					total, live, err := r.CountAPITokens("w", at)
					_, err = store.Lost(err)
					assert.Equal(t, []int{lists["tokens"], total}, []int{total, live})
					sessions, sessionsErr := r.Sessions("w", "ann")
					hosts, hostsErr := r.EmbedHosts("w")
					links, linksErr := r.ActivationLinks("w", "c")
					lists["sessions"], lists["hosts"], lists["activation_links"] = len(sessions), len(hosts), len(links)
					assert.True(t, slices.IsSortedFunc(links, func(a, b store.ActivationLink) int { return b.CreatedAt.Compare(a.CreatedAt) }))
					assert.True(t, slices.IsSortedFunc(hosts, func(a, b embed.Host) int { return cmp.Compare(a.Name, b.Name) }))
					for _, damaged := range []*error{&sessionsErr, &hostsErr, &linksErr} {
						var lost int
						lost, *damaged = store.Lost(*damaged)
						unreadable += lost
					}
					return errors.Join(err, sessionsErr, hostsErr, linksErr)
				}))
				assert.Equal(t, name == table, unreadable > 0)
				assert.Less(t, unreadable, count/2)
				for list, found := range lists {
					if list == table {
						found += unreadable
					}
					assert.Equal(t, count, found, list)
				}
				altered, err := s.AlteredRecords(t.Context())
				lost, err := store.Lost(err)
				require.NoError(t, err)
				assert.Empty(t, altered)
				assert.Equal(t, unreadable, lost)
			})
		}
	}
}

// What a damaged page of the audit trail does not hold is in the export, in the histories and
// in what is newest.
func TestDamagedPageOfHistories(t *testing.T) {
	t.Parallel()
	const count = 300
	whole := newDatabase(t)
	s := open(t, sqlite.Config{Path: whole})
	require.NoError(t, s.Update(t.Context(), func(tx store.Tx) error {
		for _, id := range []string{"one", "two"} {
			if err := tx.InsertCredential("w", paycor.Credential{ID: id, ApplicationID: "shared"}, nil); err != nil {
				return err
			}
		}
		last, err := tx.LastAuditEntry()
		for i := range count {
			id := []string{"one", "two"}[i%2]
			last = audit.Link(&last, audit.Entry{At: time.Now(), Workspace: "w", Credential: id, Action: audit.ActionRotate, Outcome: "done", CallerName: fmt.Sprint("caller ", i), Detail: strings.Repeat("x", 200)})
			err = errors.Join(err, tx.AppendAudit(last))
			err = errors.Join(err, tx.AddUsage(store.UsageBucket{Workspace: "w", Credential: id, CallerKind: paycor.CallerConsumer, CallerID: fmt.Sprint("t", i), Minute: time.Now(), LastUsedAt: time.Now(), Counts: usage.Counts{Done: 1}}))
		}
		return err
	}))
	require.NoError(t, s.Close())
	leaves := func(name string) (pages []int) {
		rows, err := openRaw(t, whole).Query(`SELECT pageno FROM dbstat WHERE pagetype = 'leaf' AND name = ?`, name)
		require.NoError(t, err)
		defer rows.Close()
		for rows.Next() {
			var page int
			require.NoError(t, rows.Scan(&page))
			pages = append(pages, page)
		}
		return pages
	}
	for name, c := range map[string]struct {
		page                    int
		audit, history, ofUsage bool // what lacks something
	}{
		"in the middle":      {leaves("audit")[2], true, false, false},
		"the newest":         {leaves("audit")[len(leaves("audit"))-1], true, true, false},
		"an index":           {leaves("audit_of_changes")[0], false, false, false},
		"an index of shared": {leaves("audit_of_applications")[0], false, false, false},
		"the calls":          {leaves("use_hours")[1], false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "paycorcred.db")
			copyFile(t, whole, path)
			copyFile(t, keyFileOf(whole), keyFileOf(path))
			overwritePage(t, path, c.page, 0x5a)
			s := open(t, sqlite.Config{Path: path})
			require.NoError(t, s.View(t.Context(), func(r store.Reader) error {
				scan, found, lost := store.AuditScan{MaxScanned: 100, Limit: 40}, 0, 0
				for more := true; more; more = scan.From != 0 {
					lines, next, err := r.AuditLines("w", audit.Query{}, scan)
					unreadable, err := store.Lost(err)
					require.NoError(t, err)
					found, lost, scan.From = found+len(lines), lost+unreadable, next
				}
				assert.Equal(t, c.audit, lost > 0)
				assert.Greater(t, found, count/2)
				if !c.audit {
					assert.Equal(t, count+1, found)
				}
				entries, _, err := r.SearchAudit("w", audit.Query{}, store.AuditScan{MaxScanned: 1000, Limit: 1000})
				unreadable, err := store.Lost(err)
				assert.Equal(t, c.audit, unreadable > 0)
				assert.GreaterOrEqual(t, len(entries), found)
				for _, read := range []func(string, string) ([]audit.Entry, error){r.CredentialHistory, r.ApplicationHistory} {
					history, historyErr := read("w", "one")
					assert.Len(t, history, 100)
					assert.Equal(t, c.history, errors.As(historyErr, new(*store.DamagedError)), "%v", historyErr)
				}
				used, usageErr := r.Usage("w", "one", time.Now().Add(-time.Hour), time.Now().Add(-time.Hour))
				assert.Equal(t, c.ofUsage, errors.As(usageErr, new(*store.DamagedError)), "%v", usageErr)
				assert.Equal(t, !c.ofUsage, len(used.Users) == count/2)
				return err
			}))
		})
	}
}
