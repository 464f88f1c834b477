package delivery

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// maxAnswer is how much of an answer is read, in bytes, so that the connection can be used
// again.
const maxAnswer = 4 << 10

// webhookBody is the body of a webhook.
type webhookBody struct {
	Type      notification.Kind `json:"type"`
	Timestamp time.Time         `json:"timestamp"` // of the event, or of the latest one
	Data      webhookData       `json:"data"`
}

type webhookData struct {
	Workspace string           `json:"workspace"`
	Message   string           `json:"message"`       // a sentence, in the language of the channel
	URL       string           `json:"url,omitempty"` // of the page where it can be fixed
	Count     int              `json:"count"`         // of events
	Days      *int             `json:"days,omitempty"`
	Subjects  []webhookSubject `json:"subjects"` // what they are about; at most MaxSubjects

	ApplicationID string `json:"application_id,omitempty"` // of the application that all of several credentials share
}

type webhookSubject struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

// webhook sends a message as Standard Webhooks says.
func (s *Senders) webhook(ctx context.Context, channel notification.Channel, target store.NotificationTarget, delivery notification.Delivery) notification.Result {
	unusable := notification.Result{Message: message.New("notification.result.unreadable")}
	body, err := json.Marshal(s.webhookBody(channel, delivery.Message))
	if err != nil {
		return unusable
	}
	now := s.config.Clock()
	timestamp := strconv.FormatInt(now.Unix(), 10)
	signature, err := sign(target.Secret, delivery.ID, timestamp, body)
	if err == nil && now.Before(target.FormerUntil) { // the receiver may have either secret
		var former string
		former, err = sign(target.Former, delivery.ID, timestamp, body)
		signature += " " + former
	}
	if err != nil {
		return unusable
	}
	return s.post(ctx, target.Address.Reveal(), body, map[string]string{
		"webhook-id": delivery.ID, "webhook-timestamp": timestamp, "webhook-signature": signature,
	})
}

func (s *Senders) webhookBody(channel notification.Channel, said notification.Message) webhookBody {
	data := webhookData{
		Workspace: said.Workspace, Message: s.config.Say(channel.Language, said.Sentence()), URL: s.link(said.Page()), Count: said.Count,
		Subjects: []webhookSubject{}, ApplicationID: said.Application,
	}
	if said.Kind == notification.KindRotationDue || said.Kind == notification.KindTokenExpiring {
		data.Days = &said.Days
	}
	for _, subject := range said.Subjects {
		data.Subjects = append(data.Subjects, webhookSubject{subject.ID, subject.Name, s.link(said.Kind.Page(subject.ID))})
	}
	return webhookBody{said.Kind, said.At, data}
}

// post sends JSON. It reads little of the answer, and never shows it: an internal server
// that an address leads to could be read with it.
func (s *Senders) post(ctx context.Context, address string, body []byte, headers map[string]string) notification.Result {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return notification.Result{Message: message.New("notification.result.unreadable")}
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "paycorcred/"+s.config.Version)
	for name, value := range headers {
		request.Header.Set(name, value)
	}
	response, err := s.client.Do(request)
	if err != nil {
		return s.failed(err)
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // what it says does not matter
	return answered(response.StatusCode)
}
