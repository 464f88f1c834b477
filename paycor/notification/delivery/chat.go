package delivery

import (
	"context"
	"encoding/json"
	"strings"

	"paycorcred/paycor/message"
	"paycorcred/paycor/notification"
	"paycorcred/paycor/store"
)

// maxListed is how many subjects a message to people lists.
const maxListed = 10

// chat sends a message to a chat. Its address is a secret, and nothing is signed.
func (s *Senders) chat(ctx context.Context, target store.NotificationTarget, body any) notification.Result {
	text, err := json.Marshal(body)
	if err != nil {
		return notification.Result{Message: message.New("notification.result.unreadable")}
	}
	return s.post(ctx, target.Address.Reveal(), text, nil)
}

// slackBody is a message of Slack's incoming webhooks, which others understand, too.
func (s *Senders) slackBody(channel notification.Channel, said notification.Message) any {
	text := slackText.Replace(s.config.Say(channel.Language, said.Sentence()))
	for _, name := range listed(said) {
		text += "\n• " + slackText.Replace(name)
	}
	if link := s.link(said.Page()); link != "" {
		text += "\n" + link
	}
	return map[string]string{"text": text}
}

// slackText keeps what a person typed from being a link or a mention.
var slackText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// listed returns the names of the first subjects, unless the sentence has the only one.
func listed(said notification.Message) (names []string) {
	if said.Count < 2 {
		return nil
	}
	for _, subject := range said.Subjects[:min(len(said.Subjects), maxListed)] {
		names = append(names, subject.Name)
	}
	return names
}

// teamsBody is an Adaptive Card for a workflow of Microsoft Teams.
func (s *Senders) teamsBody(channel notification.Channel, said notification.Message) any {
	type element map[string]any
	text := func(text, weight string) element {
		return element{"type": "TextBlock", "text": teamsText.Replace(text), "weight": weight, "wrap": true}
	}
	parts := []element{text(s.config.Say(channel.Language, said.Sentence()), "Bolder")}
	for _, name := range listed(said) {
		parts = append(parts, text(name, "Default"))
	}
	card := element{"$schema": "http://adaptivecards.io/schemas/adaptive-card.json", "type": "AdaptiveCard", "version": "1.4", "body": parts}
	if link := s.link(said.Page()); link != "" {
		open := s.config.Say(channel.Language, message.New("notification.open"))
		card["actions"] = []element{{"type": "Action.OpenUrl", "title": open, "url": link}}
	}
	return element{"type": "message", "attachments": []element{{"contentType": "application/vnd.microsoft.card.adaptive", "content": card}}}
}

// teamsText keeps what a person typed from being Markdown.
var teamsText = strings.NewReplacer("\\", "\\\\", "[", "\\[", "]", "\\]", "*", "\\*", "_", "\\_", "`", "\\`")
