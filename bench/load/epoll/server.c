// A bare WebSocket echo server on epoll: one thread, one read and one write for each ready connection, no limits, no UTF-8 check. It
// shows the minimum cost of an echo, and serves nothing else.
//
//	cc -O2 -o epoll server.c && ./epoll
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { buffer_size = 64 << 10, max_connections = 65536 };

struct connection {
	int open; // the opening handshake is done
	size_t buffered;
	unsigned char in[buffer_size];
};

static struct connection *connections[max_connections];

static uint32_t rotate(uint32_t x, int n) { return x << n | x >> (32 - n); }

// sha1 hashes a text of at most 119 bytes.
static void sha1(const char *text, unsigned char sum[20]) {
	uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
	unsigned char block[128] = {0};
	size_t length = strlen(text), blocks = length < 56 ? 1 : 2;
	memcpy(block, text, length);
	block[length] = 0x80;
	for (int i = 0; i < 8; i++) block[64 * blocks - 1 - i] = (uint64_t)length * 8 >> 8 * i;
	for (size_t b = 0; b < blocks; b++) {
		uint32_t w[80], v[5];
		memcpy(v, h, sizeof v);
		for (int i = 0; i < 16; i++) {
			const unsigned char *p = block + 64 * b + 4 * i;
			w[i] = (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
		}
		for (int i = 16; i < 80; i++) w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
		for (int i = 0; i < 80; i++) {
			uint32_t f = i < 20 ? (v[1] & v[2]) | (~v[1] & v[3]) : i < 40 || i >= 60 ? v[1] ^ v[2] ^ v[3] : (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3]);
			uint32_t k[] = {0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6};
			uint32_t next = rotate(v[0], 5) + f + v[4] + k[i / 20] + w[i];
			v[4] = v[3], v[3] = v[2], v[2] = rotate(v[1], 30), v[1] = v[0], v[0] = next;
		}
		for (int i = 0; i < 5; i++) h[i] += v[i];
	}
	for (int i = 0; i < 20; i++) sum[i] = h[i / 4] >> 8 * (3 - i % 4);
}

static void base64(const unsigned char sum[20], char out[29]) {
	const char *digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (int i = 0; i < 7; i++) {
		uint32_t three = (uint32_t)sum[3 * i] << 16 | sum[3 * i + 1] << 8 | (3 * i + 2 < 20 ? sum[3 * i + 2] : 0);
		for (int j = 0; j < 4; j++) out[4 * i + j] = digits[three >> (18 - 6 * j) & 63];
	}
	out[27] = '=', out[28] = 0;
}

// upgrade answers the opening handshake, once it is complete. It returns -1 to drop the connection.
static int upgrade(int fd, struct connection *c) {
	c->in[c->buffered < buffer_size ? c->buffered : buffer_size - 1] = 0;
	char *end = strstr((char *)c->in, "\r\n\r\n"), *key = strcasestr((char *)c->in, "\nSec-WebSocket-Key:");
	if (!end) return 0;
	if (!key) return -1;
	char text[128], accept[29], answer[256];
	unsigned char sum[20];
	if (sscanf(key + 19, " %24s", text) != 1) return -1;
	sha1(strcat(text, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"), sum);
	base64(sum, accept);
	int length = snprintf(answer, sizeof answer, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", accept);
	c->open = 1;
	c->buffered = 0;
	return write(fd, answer, length) == length ? 0 : -1;
}

// echo answers all complete frames in the buffer with their unmasked payload. It returns -1 to drop the connection.
static int echo(int fd, struct connection *c) {
	static unsigned char out[buffer_size];
	size_t at = 0, made = 0;
	int closing = 0;
	while (c->buffered - at >= 6) {
		unsigned char *p = c->in + at, *mask;
		size_t length = p[1] & 0x7f, header = 2;
		if (length == 126) length = p[2] << 8 | p[3], header = 4;
		else if (length == 127) return -1; // more than the buffer
		if (header + 4 + length > buffer_size) return -1;
		if (c->buffered - at < header + 4 + length) break;
		mask = p + header;
		out[made] = p[0] == 0x89 ? 0x8a : p[0]; // a ping gets a pong
		memcpy(out + made + 1, p + 1, header - 1);
		out[made + 1] &= 0x7f;
		for (size_t i = 0; i < length; i++) out[made + header + i] = p[header + 4 + i] ^ mask[i & 3];
		closing = p[0] == 0x88;
		made += header + length, at += header + 4 + length;
	}
	memmove(c->in, c->in + at, c->buffered - at);
	c->buffered -= at;
	if (made > 0 && write(fd, out, made) != (ssize_t)made) return -1;
	return closing ? -1 : 0;
}

int main(void) {
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poll = epoll_create1(0), on = 1;
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024) || getsockname(listener, (struct sockaddr *)&address, &size)) return perror("listen"), 1;
	struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, ready[256];
	epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
	fprintf(stderr, "listening on ws://127.0.0.1:%d/\n", ntohs(address.sin_port));
	for (;;) {
		int n = epoll_wait(poll, ready, 256, -1);
		for (int i = 0; i < n; i++) {
			int fd = ready[i].data.fd;
			if (fd == listener) {
				while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
					if (fd >= max_connections || !(connections[fd] = calloc(1, sizeof(struct connection)))) return 1;
					setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
					event = (struct epoll_event){.events = EPOLLIN, .data.fd = fd};
					epoll_ctl(poll, EPOLL_CTL_ADD, fd, &event);
				}
				continue;
			}
			struct connection *c = connections[fd];
			ssize_t got = read(fd, c->in + c->buffered, buffer_size - c->buffered);
			if (got < 0 && errno == EAGAIN) continue;
			if (got > 0) c->buffered += got;
			if (got <= 0 || (c->open ? echo(fd, c) : upgrade(fd, c)) < 0) close(fd), free(c);
		}
	}
}
