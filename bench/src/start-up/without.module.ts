import { Module } from '@nestjs/common';

/** An application in which nothing is. */
@Module({})
export class ApplicationWithout {}
