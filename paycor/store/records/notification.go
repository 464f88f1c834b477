package records

import (
	"encoding/json"
	"time"

	"paycorcred/paycor"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// notificationTx reads and writes channels and deliveries.
type notificationTx struct{ *Transaction }

const channelColumns = `SELECT id, workspace, type, name, host, language, filter, created_at, created_by, version,
	failing_since, disabled_at, disabled_for FROM notification_channels `

func scanChannel(scan Scan) (notification.Channel, error) {
	var c notification.Channel
	var filter JSON[notification.Filter]
	var created, failing, disabled Timestamp
	err := scan(&c.ID, &c.Workspace, &c.Type, &c.Name, &c.Host, &c.Language, Lenient{&filter}, Lenient{&created}, &c.CreatedBy, &c.Version,
		Lenient{&failing}, Lenient{&disabled}, &c.DisabledFor)
	c.Filter = filter.OrZero()
	c.CreatedAt, c.FailingSince, c.DisabledAt = time.Time(created), time.Time(failing), time.Time(disabled)
	return c, err
}

func (t notificationTx) NotificationChannels(workspace string) ([]notification.Channel, error) {
	return List(t.Transaction, scanChannel, channelColumns+`WHERE workspace = ? ORDER BY lower(name), id`, workspace)
}

func (t notificationTx) NotificationChannel(workspace, id string) (notification.Channel, error) {
	return One(t.Transaction, scanChannel, channelColumns+`WHERE workspace = ? AND id = ?`, workspace, id)
}

// storedTarget is a target as it is encrypted.
type storedTarget struct {
	Address string `json:"address"`
	Secret  string `json:"secret,omitempty"`

	Former      string    `json:"former,omitempty"`
	FormerUntil time.Time `json:"former_until,omitzero"`
}

func (t notificationTx) NotificationTarget(workspace, id string) (store.NotificationTarget, error) {
	var sealed []byte
	var target storedTarget
	if err := t.Row(`SELECT sealed FROM notification_channels WHERE workspace = ? AND id = ?`, []any{workspace, id}, &sealed); err != nil {
		return store.NotificationTarget{}, err
	}
	opened, err := t.Open(t.AAD(workspace, id, store.NotificationTargetField), sealed)
	if err != nil {
		return store.NotificationTarget{}, err
	}
	err = json.Unmarshal([]byte(opened.Reveal()), &target)
	return store.NotificationTarget{
		Address: paycor.NewSecret(target.Address), Secret: paycor.NewSecret(target.Secret),
		Former: paycor.NewSecret(target.Former), FormerUntil: target.FormerUntil,
	}, err
}

// sealTarget encrypts a target. The associated data names the channel, so that nobody can
// write another one's target to its row.
func (t notificationTx) sealTarget(c notification.Channel, target store.NotificationTarget) ([]byte, error) {
	text, err := json.Marshal(storedTarget{target.Address.Reveal(), target.Secret.Reveal(), target.Former.Reveal(), target.FormerUntil})
	if err != nil {
		return nil, err
	}
	return t.Seal(t.AAD(c.Workspace, c.ID, store.NotificationTargetField), paycor.NewSecret(string(text)))
}

func (t notificationTx) InsertNotificationChannel(c notification.Channel, target store.NotificationTarget) error {
	sealed, err := t.sealTarget(c, target)
	if err != nil {
		return err
	}
	const query = `INSERT INTO notification_channels (id, workspace, type, name, host, language, filter, created_at, created_by, version,
		failing_since, disabled_at, disabled_for, sealed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	return t.insert(query, c.ID, c.Workspace, string(c.Type), c.Name, c.Host, c.Language, jsonOf(&c.Filter), Timestamp(c.CreatedAt), c.CreatedBy, c.Version,
		Timestamp(c.FailingSince), Timestamp(c.DisabledAt), string(c.DisabledFor), sealed)
}

func (t notificationTx) UpdateNotificationChannel(c notification.Channel, version int64, target *store.NotificationTarget) error {
	const query = `UPDATE notification_channels SET type = ?, name = ?, host = ?, language = ?, filter = ?, version = ?,
		failing_since = ?, disabled_at = ?, disabled_for = ? WHERE workspace = ? AND id = ? AND version = ?`
	err := t.change(store.ErrStale, query, string(c.Type), c.Name, c.Host, c.Language, jsonOf(&c.Filter), c.Version,
		Timestamp(c.FailingSince), Timestamp(c.DisabledAt), string(c.DisabledFor), c.Workspace, c.ID, version)
	if err == nil && !c.DisabledAt.IsZero() {
		err = t.Queue(`UPDATE notification_deliveries SET state = 'failed', next_at = '' WHERE channel = ? AND next_at <> ''`, c.ID)
	}
	if err != nil || target == nil {
		return err
	}
	sealed, err := t.sealTarget(c, *target)
	if err != nil {
		return err
	}
	return t.Queue(`UPDATE notification_channels SET sealed = ? WHERE workspace = ? AND id = ?`, sealed, c.Workspace, c.ID)
}

func (t notificationTx) DeleteNotificationChannel(workspace, id string) error {
	return t.change(store.ErrNotFound, `DELETE FROM notification_channels WHERE workspace = ? AND id = ?`, workspace, id)
}

const deliveryColumns = `SELECT d.id, d.workspace, d.channel, d.message, d.state, d.created_at, d.began_at, d.next_at, d.attempts, d.result
	FROM notification_deliveries d `

func scanDelivery(scan Scan) (notification.Delivery, error) {
	var d notification.Delivery
	var said JSON[notification.Message]
	var result JSON[notification.Result]
	var created, began, next Timestamp
	err := scan(&d.ID, &d.Workspace, &d.Channel, Lenient{&said}, &d.State, Lenient{&created}, Lenient{&began}, Lenient{&next}, &d.Attempts, Lenient{&result})
	d.Message, d.Result = said.OrZero(), result.value
	d.CreatedAt, d.BeganAt, d.NextAt = time.Time(created), time.Time(began), time.Time(next)
	return d, err
}

func (t notificationTx) Deliveries(workspace, channel string, after store.DeliveryPosition, limit int) ([]notification.Delivery, error) {
	createdAt := any(afterAll)
	if !after.CreatedAt.IsZero() {
		createdAt = Timestamp(after.CreatedAt)
	}
	const query = deliveryColumns + `WHERE d.workspace = ?1 AND d.channel = ?2 AND d.created_at <= ?3 AND (d.created_at < ?3 OR d.id > ?4)
		ORDER BY d.created_at DESC, d.id LIMIT ?5`
	return List(t.Transaction, scanDelivery, query, workspace, channel, createdAt, after.ID, limit)
}

func (t notificationTx) Delivery(workspace, id string) (notification.Delivery, error) {
	return One(t.Transaction, scanDelivery, deliveryColumns+`WHERE d.workspace = ? AND d.id = ?`, workspace, id)
}

func (t notificationTx) NotificationsDue(now time.Time) (due bool, err error) {
	const query = `SELECT EXISTS (SELECT 1 FROM notification_events WHERE due_at <> '' AND due_at <= ?1)
		OR EXISTS (SELECT 1 FROM notification_deliveries WHERE next_at <> '' AND next_at <= ?1)`
	err = t.Row(query, []any{Timestamp(now)}, &due)
	return due, err
}

func (t notificationTx) InsertDelivery(d notification.Delivery) error {
	const query = `INSERT INTO notification_deliveries (id, workspace, channel, message, state, created_at, began_at, next_at, attempts, result)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`
	err := t.insert(query, d.ID, d.Workspace, d.Channel, jsonOf(&d.Message), string(d.State), Timestamp(d.CreatedAt), Timestamp(d.BeganAt),
		Timestamp(d.NextAt), d.Attempts, jsonOf(d.Result))
	if err != nil {
		return err
	}
	const trim = `DELETE FROM notification_deliveries WHERE id IN (SELECT id FROM notification_deliveries
		WHERE workspace = ?1 AND channel = ?2 ORDER BY created_at DESC, id LIMIT 1000 OFFSET ?3)`
	return t.Queue(trim, d.Workspace, d.Channel, store.MaxDeliveries)
}

func (t notificationTx) ClaimDeliveries(now, until time.Time, except []string, limit int) ([]notification.Delivery, error) {
	if except == nil {
		except = []string{}
	}
	const query = deliveryColumns + `WHERE d.next_at <> '' AND d.next_at <= ?1 AND d.channel NOT IN (SELECT value FROM json_each(?2))
			AND NOT EXISTS (SELECT 1 FROM notification_deliveries e WHERE e.channel = d.channel AND e.next_at <> ''
				AND (e.next_at < d.next_at OR e.next_at = d.next_at AND e.id < d.id))
		ORDER BY d.next_at, d.id LIMIT ?3`
	claimed, err := List(t.Transaction, scanDelivery, query, Timestamp(now), jsonOf(&except), limit)
	for i := range claimed {
		if err == nil {
			claimed[i].NextAt = until
			err = t.Queue(`UPDATE notification_deliveries SET next_at = ? WHERE id = ?`, Timestamp(until), claimed[i].ID)
		}
	}
	return claimed, err
}

func (t notificationTx) UpdateDelivery(d notification.Delivery) error {
	const query = `UPDATE notification_deliveries SET state = ?, began_at = ?, next_at = ?, attempts = ?, result = ? WHERE workspace = ? AND id = ?`
	return t.change(store.ErrNotFound, query, string(d.State), Timestamp(d.BeganAt), Timestamp(d.NextAt), d.Attempts, jsonOf(d.Result), d.Workspace, d.ID)
}

func (t notificationTx) DeleteNotifications(before time.Time) error {
	if err := t.Queue(`DELETE FROM notification_deliveries WHERE next_at = '' AND created_at < ?`, Timestamp(before)); err != nil {
		return err
	}
	return t.Queue(`DELETE FROM notification_events WHERE due_at = '' AND at < ? AND NOT (kind = ? AND event_key <> '')`,
		Timestamp(before), string(notification.KindAdministrator))
}
