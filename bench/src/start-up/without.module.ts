import { Module } from '@nestjs/common';

/** An application with nothing in it. */
@Module({})
export class ApplicationWithout {}
