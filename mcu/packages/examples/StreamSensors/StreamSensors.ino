// Streams four analog inputs to a board, loss counted:
//   haltere mcu stream --device /dev/ttyACM0 --rate 200Hz --for 60s -o inputs.csv
#include <Haltere.h>

using haltere::firmware::SensorChannel;

const SensorChannel channels[] = {
    {"a0", 0.0048828f}, {"a1", 0.0048828f}, {"a2", 0.0048828f}, {"a3", 0.0048828f}};  // volts, of 5 V

void read_sensor(int16_t* sample) {
  for (uint8_t i = 0; i < 4; ++i) sample[i] = analogRead(A0 + i);
}

haltere::ArduinoSensor inputs() {
  haltere::ArduinoSensor sensor;
  sensor.channels = 4;
  sensor.channel = channels;
  sensor.most_hz = 1000.0f;
  sensor.read = read_sensor;
  return sensor;
}

#if defined(__AVR__)
haltere::Device<1024, 512, 256> device(inputs());
#else
haltere::Device<> device(inputs());
#endif

void setup() {
  Serial.begin(115200);
  device.begin(Serial);
}

void loop() { device.poll(); }
