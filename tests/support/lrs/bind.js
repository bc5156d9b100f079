// The store listens on all interfaces; preloaded with `node -r`, this lets it listen on this machine's loopback only.
const net = require('net');

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  const loopback = typeof port === 'object' ? { ...port, host: '127.0.0.1' } : { port: Number(port), host: '127.0.0.1' };
  return listen.call(this, loopback, ...rest.filter((each) => typeof each === 'function'));
};
