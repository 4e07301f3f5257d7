package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// cores divides the machine: the servers get the last core, and with it one
// thread of Go code; the clients keep the others. Sharing them costs a server
// up to half of its speed, now more, now less.
type cores struct {
	clients, servers unix.CPUSet
}

// divide moves this process to the clients' cores. With a single core there is
// nothing to divide.
func divide() (*cores, error) {
	var c cores
	if err := unix.SchedGetaffinity(0, &c.clients); err != nil {
		return nil, err
	}
	if c.clients.Count() < 2 {
		c.servers = c.clients
		return &c, nil
	}
	last := 0
	for i, left := 0, c.clients.Count(); left > 0; i++ {
		if c.clients.IsSet(i) {
			last, left = i, left-1
		}
	}
	c.servers.Set(last)
	c.clients.Clear(last)
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return nil, err
	}
	for _, t := range threads { // those to come inherit it
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			return nil, err
		}
		if err := unix.SchedSetaffinity(id, &c.clients); err != nil {
			return nil, fmt.Errorf("choose cores: %w", err)
		}
	}
	return &c, nil
}

// start starts a process on the servers' core.
func (c *cores) start(cmd *exec.Cmd) error {
	runtime.LockOSThread() // a process inherits the cores of the thread that starts it
	defer runtime.UnlockOSThread()
	if err := unix.SchedSetaffinity(0, &c.servers); err != nil {
		return err
	}
	defer func() { _ = unix.SchedSetaffinity(0, &c.clients) }()
	return cmd.Start()
}
