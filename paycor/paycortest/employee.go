package paycortest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// EmployeeID is the id of the nth employee (from 1) of a legal entity.
func EmployeeID(legalEntityID, n int) string {
	return fmt.Sprintf("%08x-0000-4000-8000-%012d", legalEntityID, n)
}

func employee(entity Entity, n int) map[string]any {
	return map[string]any{
		"id":             EmployeeID(entity.ID, n),
		"employeeNumber": n,
		"firstName":      fmt.Sprintf("Employee%d", n),
		"lastName":       "Invented",
		"legalEntity":    map[string]any{"id": entity.ID},
	}
}

// employeeEntity finds the employee's legal entity.
func (c *call) employeeEntity(right Right) (Entity, int, *answer) {
	id := c.path["employee"]
	head, _, _ := strings.Cut(id, "-")
	entityID, _ := strconv.ParseInt(head, 16, 32)
	n, err := strconv.Atoi(id[strings.LastIndex(id, "-")+1:])
	notFound := c.paycorError(http.StatusNotFound, "Not Found", "The employee does not exist or is not in a valid state.")
	if err != nil || entityID < 1 || id != EmployeeID(int(entityID), n) {
		return Entity{}, 0, &notFound
	}
	entity, refusal := c.entity(strconv.FormatInt(entityID, 10), right)
	if refusal != nil {
		return Entity{}, 0, refusal
	}
	if n < 1 || n > entity.records("employees") {
		return Entity{}, 0, &notFound
	}
	return entity, n, nil
}

func readEmployee(c *call) answer {
	entity, n, refusal := c.employeeEntity(ViewEmployees)
	if refusal != nil {
		return *refusal
	}
	return jsonAnswer(http.StatusOK, employee(entity, n))
}

// createEmployee and writeEmployee change nothing: they count the requests and
// echo them, so that a test can prove that a write arrived completely and once.
func createEmployee(c *call) answer {
	if _, refusal := c.entity(c.path["id"], ManageEmployees); refusal != nil {
		return *refusal
	}
	return c.written(http.StatusCreated)
}

func writeEmployee(c *call) answer {
	if _, _, refusal := c.employeeEntity(ManageEmployees); refusal != nil {
		return *refusal
	}
	return c.written(http.StatusOK)
}

func (c *call) written(status int) answer {
	c.sim.mu.Lock()
	c.sim.bump(c.app, func(n *Counts) { n.Writes++ })
	c.sim.mu.Unlock()
	echo := any(string(c.body))
	if json.Valid(c.body) {
		echo = json.RawMessage(c.body)
	}
	return jsonAnswer(status, map[string]any{
		"trackingId":  c.correlation,
		"method":      c.request.Method,
		"path":        c.request.URL.Path,
		"contentType": c.request.Header.Get("Content-Type"),
		"echo":        echo,
	})
}
